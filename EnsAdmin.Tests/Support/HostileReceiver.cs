using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EnsAdmin.Tests.Support;

/// <summary>A receiver that answers every call in a way that hurts. It speaks raw TCP, since no well-behaved server would.</summary>
public sealed class HostileReceiver : IAsyncDisposable
{
    private static readonly byte[] Noise = new byte[16 * 1024];
    private static readonly byte[] Bomb = Gzip(100_000_000);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private readonly int? _relents;
    private int _inFlight, _calls;

    /// <param name="manner">One of <see cref="Manners"/>.</param>
    /// <param name="relents">It answers each call of this number as it should, so that it is never taken for one that fails and is spared its calls.</param>
    public HostileReceiver(string manner, int? relents = null)
    {
        _relents = relents;
        _listener.Start(1024);
        Url = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/{manner}";
        _accepting = AcceptAsync(Manners[manner]);
    }

    public static IReadOnlyDictionary<string, Func<NetworkStream, CancellationToken, Task>> Manners { get; } = new Dictionary<string, Func<NetworkStream, CancellationToken, Task>>
    {
        ["no-answer"] = (_, end) => Task.Delay(Timeout.Infinite, end),
        ["a-byte-a-minute"] = async (stream, end) =>
        {
            await SayAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", end);
            for (; ; await Task.Delay(TimeSpan.FromMinutes(1), end)) await SayAsync(stream, "x", end);
        },
        ["slow-headers"] = async (stream, end) =>
        {
            await SayAsync(stream, "HTTP/1.1 200 OK\r\nX-Slow: ", end);
            for (; ; await Task.Delay(TimeSpan.FromSeconds(1), end)) await SayAsync(stream, "x", end);
        },
        ["endless"] = async (stream, end) =>
        {
            await SayAsync(stream, "HTTP/1.1 200 OK\r\n\r\n", end);
            while (true) await stream.WriteAsync(Noise, end);
        },
        ["endless-chunks"] = async (stream, end) =>
        {
            await SayAsync(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", end);
            while (true) await SayAsync(stream, "1\r\nx\r\n", end);
        },
        ["bomb"] = async (stream, end) =>
        {
            await SayAsync(stream, $"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {Bomb.Length}\r\n\r\n", end);
            await stream.WriteAsync(Bomb, end);
        },
        ["huge-headers"] = async (stream, end) =>
        {
            await SayAsync(stream, "HTTP/1.1 200 OK\r\n", end);
            for (var i = 0; i < 1000; i++) await SayAsync(stream, $"X-{i}: {new string('x', 1000)}\r\n", end);
        },
        ["broken-chunks"] = (stream, end) => SayAsync(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnot a chunk", end),
        ["reset"] = async (stream, end) =>
        {
            await SayAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", end);
            stream.Socket.LingerState = new LingerOption(true, 0); // Closing sends a reset.
        },
        ["many-encodings"] = (stream, end) => SayAsync(stream, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip, br\r\nContent-Length: 5\r\n\r\nplain", end),
        ["other-protocol"] = async (stream, end) =>
        {
            await SayAsync(stream, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n", end);
            while (await stream.ReadAsync(new byte[1], end) > 0) { }
        },
        ["odd-status"] = (stream, end) => SayAsync(stream, "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", end),
        ["continue-storm"] = async (stream, end) =>
        {
            for (; ; await Task.Delay(TimeSpan.FromMilliseconds(5), end)) await SayAsync(stream, "HTTP/1.1 100 Continue\r\n\r\n", end);
        },
    };

    /// <summary>Those that hold the call until the caller has had enough.</summary>
    public static IReadOnlySet<string> Holding { get; } = new HashSet<string> { "no-answer", "a-byte-a-minute", "slow-headers", "continue-storm" };

    public string Url { get; }

    /// <summary>Calls that it has and that have not ended.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync(Func<NetworkStream, CancellationToken, Task> answer)
    {
        try
        {
            while (true) _ = AnswerAsync(await _listener.AcceptTcpClientAsync(_end.Token), answer);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The end.
        }
    }

    private async Task AnswerAsync(TcpClient client, Func<NetworkStream, CancellationToken, Task> answer)
    {
        using (client)
        {
            var stream = client.GetStream();
            using var gone = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
            try
            {
                if (await stream.ReadAsync(new byte[64 * 1024], gone.Token) == 0) return;
                Interlocked.Increment(ref _inFlight);
                _ = WatchAsync(stream, gone);
                if (_relents is { } n && Interlocked.Increment(ref _calls) % n == 0) await SayAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", gone.Token);
                else await answer(stream, gone.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The caller has had enough.
            }
            finally
            {
                Interlocked.Decrement(ref _inFlight);
            }
        }
    }

    private static async Task WatchAsync(NetworkStream stream, CancellationTokenSource gone)
    {
        try
        {
            while (await stream.ReadAsync(new byte[1024], gone.Token) > 0) { }
            await gone.CancelAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // It has ended already.
        }
    }

    private static async Task SayAsync(NetworkStream stream, string text, CancellationToken end) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text), end);

    private static byte[] Gzip(int length)
    {
        using var compressed = new MemoryStream();
        using (var packing = new GZipStream(compressed, CompressionLevel.Optimal))
        {
            for (var i = 0; i < length / Noise.Length; i++) packing.Write(Noise);
        }

        return compressed.ToArray();
    }
}
