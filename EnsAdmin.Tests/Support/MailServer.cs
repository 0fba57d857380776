using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EnsAdmin.Tests.Support;

/// <summary>A real SMTP server on a port of its own, without TLS, that keeps what it got.</summary>
public sealed class MailServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;

    public MailServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Each with the addresses it was for, and all of its text.</summary>
    public ConcurrentQueue<(string To, string Text)> Mails { get; } = new();

    /// <summary>User and password that it asks for, as AUTH PLAIN sends them; null for no sign-in.</summary>
    public string? Credentials { get; set; }

    /// <summary>Addresses it takes nothing for.</summary>
    public string? Unknown { get; set; }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = TalkAsync(await _listener.AcceptTcpClientAsync(_end.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using var _ = client;
        using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
        await using var writer = new StreamWriter(client.GetStream(), new UTF8Encoding(false)) { NewLine = "\r\n", AutoFlush = true };
        await writer.WriteLineAsync("220 test ready");
        var to = "";
        while (await reader.ReadLineAsync() is { } line)
        {
            var word = line.Split(' ')[0].ToUpperInvariant();
            if (word == "RCPT") to = line;
            if (word == "DATA")
            {
                await writer.WriteLineAsync("354 go on");
                var text = new StringBuilder();
                while (await reader.ReadLineAsync() is { } part && part != ".") text.AppendLine(part);
                Mails.Enqueue((to, text.ToString()));
            }

            await writer.WriteLineAsync(word switch
            {
                "EHLO" => Credentials is null ? "250 test" : "250-test\r\n250 AUTH PLAIN",
                "AUTH" => line == $"AUTH PLAIN {Convert.ToBase64String(Encoding.UTF8.GetBytes(Credentials ?? ""))}" ? "235 welcome" : "535 wrong",
                "RCPT" when Unknown is not null && line.Contains(Unknown, StringComparison.Ordinal) => "550 no such mailbox",
                "QUIT" => "221 bye",
                _ => "250 ok",
            });
            if (word == "QUIT") return;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_end.IsCancellationRequested) return;
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
    }
}
