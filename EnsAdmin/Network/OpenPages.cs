using EnsAdmin.Access;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Network;

/// <summary>How many pages are open, of whom. A page that has lost its connection counts until it is let go.</summary>
public sealed class OpenPages(IOptions<LimitOptions> options)
{
    private readonly Dictionary<string, int> _ofPerson = [];
    private readonly Lock _lock = new();
    private int _all;

    /// <summary>What is full for this person, in words; null where there is room.</summary>
    public string? Full(string userId)
    {
        var limits = options.Value;
        lock (_lock)
        {
            if (_ofPerson.GetValueOrDefault(userId) >= limits.MaxPagesPerPerson) return $"You have {limits.MaxPagesPerPerson} pages open, and that is as many as one person may have. Close some of them, then load this one again.";
            return _all >= limits.MaxPages ? "As many pages are open here as this EnsAdmin has room for. Load this one again in a few minutes." : null;
        }
    }

    public bool TryOpen(string userId)
    {
        lock (_lock)
        {
            if (Full(userId) is not null) return false;
            _ofPerson[userId] = _ofPerson.GetValueOrDefault(userId) + 1;
            _all++;
            return true;
        }
    }

    public void Close(string userId)
    {
        lock (_lock)
        {
            _all--;
            if (--_ofPerson[userId] == 0) _ofPerson.Remove(userId);
        }
    }
}

/// <summary>Counts one page. The request for it is refused before, with a page that says why; whoever opens more without asking is cut off here.</summary>
internal sealed class CountedPage(OpenPages pages, Visitor visitor) : CircuitHandler
{
    private string? _opened;

    public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        var userId = visitor.Person?.Id ?? "";
        if (!pages.TryOpen(userId)) throw new InvalidOperationException("Too many pages are open.");
        _opened = userId;
        return Task.CompletedTask;
    }

    public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _opened, null) is { } userId) pages.Close(userId);
        return Task.CompletedTask;
    }
}
