using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace EnsAdmin.Tests.Support;

/// <summary>A page that remembers everything it asked for and everything that went wrong on it.</summary>
public sealed class WatchedPage : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentQueue<string> _troubles = new();

    public WatchedPage(IPage page)
    {
        Page = page;
        page.Request += (_, request) => _requests.Enqueue(request.Url);
        page.Response += (_, response) =>
        {
            if (response.Status >= 400) _troubles.Enqueue($"{response.Status} for {response.Url}");
        };
        page.RequestFailed += (_, request) =>
        {
            // The browser itself gives up a request whose page the user has left.
            if (request.Failure != "net::ERR_ABORTED") _troubles.Enqueue($"{request.Failure} for {request.Url}");
        };
        page.Console += (_, message) =>
        {
            if (message.Type == "error") _troubles.Enqueue($"console: {message.Text}");
        };
        page.PageError += (_, error) => _troubles.Enqueue($"script: {error}");
    }

    public IPage Page { get; }

    /// <summary>Absolute addresses, in the order they were asked for.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>Failed requests, answers of 400 and above, errors on the console.</summary>
    public IReadOnlyCollection<string> Troubles => _troubles;

    /// <summary>Opens an address and waits until the page answers clicks; before that they would be lost.</summary>
    public async Task GoAsync(string url)
    {
        await Page.GotoAsync(url);
        await InteractiveAsync();
    }

    /// <summary>Waits for the mark of the frame that says that the circuit is there.</summary>
    public Task InteractiveAsync() => Page.Locator("[data-interactive=true]").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();
}
