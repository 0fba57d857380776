using System.Security.Claims;
using EnsAdmin.Access;
using EnsAdmin.Shared;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace EnsAdmin.People;

/// <summary>
/// Who looks at an open page. It asks every <see cref="Interval"/> whether the session is still good, and at once when this process ended it;
/// when it is over, the page's visitor is nobody; when their rights are others, the page hears of it.
/// </summary>
public sealed partial class CircuitSession : ServerAuthenticationStateProvider, IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private static readonly Task<AuthenticationState> Nobody = Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity())));
    private readonly Sessions _sessions;
    private readonly ChangeFeed _changes;
    private readonly ITimer _timer;
    private readonly ILogger<CircuitSession> _log;
    private IDisposable? _watched;
    private ClaimsPrincipal? _user;
    private Person? _seen;

    public CircuitSession(Sessions sessions, ChangeFeed changes, TimeProvider time, ILogger<CircuitSession> log)
    {
        (_sessions, _changes, _log) = (sessions, changes, log);
        _timer = time.CreateTimer(_ => Check(), null, Interval, Interval);
        AuthenticationStateChanged += Begin;
    }

    private async void Begin(Task<AuthenticationState> state)
    {
        _user = (await state).User;
        _watched?.Dispose();
        _watched = null;
        if (TryFind(out var person)) Watch(_seen = person);
    }

    private void Watch(Person? person)
    {
        if (person is not null) _watched ??= _changes.Subscribe(Topics.Sessions(person.Id), CheckAsync);
    }

    private Task CheckAsync()
    {
        Check();
        return Task.CompletedTask;
    }

    private void Check()
    {
        if (_user?.Identity?.IsAuthenticated != true || !TryFind(out var person)) return;
        Watch(person);
        if (person is null) SetAuthenticationState(Nobody);
        else if (_seen is not null && !person.HasRightsOf(_seen)) SetAuthenticationState(Task.FromResult(new AuthenticationState(_user)));
    }

    // Called from a timer: what escaped here would end the program.
    private bool TryFind(out Person? person)
    {
        person = null;
        try
        {
            person = _sessions.Find(_user);
            return true;
        }
        catch (ObjectDisposedException)
        {
            _timer.Dispose(); // The program has stopped; the page was left open.
        }
        catch (Exception e)
        {
            CannotTell(e);
        }

        return false;
    }

    public void Dispose()
    {
        AuthenticationStateChanged -= Begin;
        _timer.Dispose();
        _watched?.Dispose();
    }

    [LoggerMessage(LogLevel.Warning, "Whether an open page's session is still good cannot be told now; the next look says")]
    private partial void CannotTell(Exception e);
}
