using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace EnsAdmin.Tests.Support;

/// <summary>The circuit's connection of a page, on which what the page sends can be held up, and which can be cut.</summary>
public sealed partial class SlowConnection
{
    private readonly ConcurrentQueue<byte[]> _held = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _awaited = new();
    private readonly Lock _lock = new();
    private IPage _page = null!;
    private IWebSocketRoute _server = null!;
    private bool _holds;

    /// <summary>To be called before the page is opened.</summary>
    public static async Task<SlowConnection> OfAsync(IPage page)
    {
        var connection = new SlowConnection { _page = page };
        await page.RouteWebSocketAsync(Circuit(), socket =>
        {
            connection._server = socket.ConnectToServer();
            socket.OnMessage(frame => connection.Send(Bytes(frame)));
            connection._server.OnMessage(frame =>
            {
                socket.Send(Bytes(frame));
                connection.Seen(Bytes(frame));
            });
        });
        return connection;
    }

    /// <summary>Completes when the page, or the server, next sends something with these words in it.</summary>
    public Task SentAsync(string words) => _awaited.GetOrAdd(words, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(TimeSpan.FromSeconds(20));

    public void Hold()
    {
        lock (_lock) _holds = true;
    }

    public void Release()
    {
        lock (_lock)
        {
            _holds = false;
            while (_held.TryDequeue(out var frame)) _server.Send(frame);
        }
    }

    /// <summary>Ends the connection, and lets the page make no other.</summary>
    public async Task CutAsync()
    {
        await _page.RouteAsync(Circuit(), call => call.AbortAsync());
        await _server.CloseAsync();
    }

    private void Send(byte[] frame)
    {
        lock (_lock)
        {
            if (_holds) _held.Enqueue(frame);
            else _server.Send(frame);
        }

        Seen(frame);
    }

    private void Seen(byte[] frame)
    {
        var text = Encoding.UTF8.GetString(frame);
        foreach (var (words, seen) in _awaited)
            if (text.Contains(words, StringComparison.Ordinal)) seen.TrySetResult();
    }

    private static byte[] Bytes(IWebSocketFrame frame) => frame.Binary ?? Encoding.UTF8.GetBytes(frame.Text ?? "");

    [GeneratedRegex("/_blazor")]
    private static partial Regex Circuit();
}
