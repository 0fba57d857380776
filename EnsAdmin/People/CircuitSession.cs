using System.Security.Claims;
using EnsAdmin.Access;
using EnsAdmin.Shared;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.Data.Sqlite;

namespace EnsAdmin.People;

/// <summary>
/// Who looks at an open page. It asks every <see cref="Interval"/> whether the session is still good, and at once when this process ended it;
/// when it is over, the page's visitor is nobody.
/// </summary>
public sealed class CircuitSession : ServerAuthenticationStateProvider, IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private static readonly Task<AuthenticationState> Nobody = Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity())));
    private readonly Sessions _sessions;
    private readonly ChangeFeed _changes;
    private readonly ITimer _timer;
    private IDisposable? _watched;
    private ClaimsPrincipal? _user;

    public CircuitSession(Sessions sessions, ChangeFeed changes, TimeProvider time)
    {
        (_sessions, _changes) = (sessions, changes);
        _timer = time.CreateTimer(_ => Check(), null, Interval, Interval);
        AuthenticationStateChanged += Begin;
    }

    private async void Begin(Task<AuthenticationState> state)
    {
        _user = (await state).User;
        _watched?.Dispose();
        _watched = _sessions.Find(_user) is { } person ? _changes.Subscribe(Topics.Sessions(person.Id), CheckAsync) : null;
    }

    private Task CheckAsync()
    {
        Check();
        return Task.CompletedTask;
    }

    private void Check()
    {
        try
        {
            if (_user?.Identity?.IsAuthenticated == true && _sessions.Find(_user) is null) SetAuthenticationState(Nobody);
        }
        catch (SqliteException)
        {
            // The database cannot be read now; the next look says.
        }
    }

    public void Dispose()
    {
        AuthenticationStateChanged -= Begin;
        _timer.Dispose();
        _watched?.Dispose();
    }
}
