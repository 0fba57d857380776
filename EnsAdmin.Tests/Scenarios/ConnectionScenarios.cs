using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>How connections to receivers are made, kept apart and judged.</summary>
public sealed class ConnectionScenarios
{
    [Theory]
    [InlineData("localhost", -40, -10, "TLS failed: the certificate expired on ")]
    [InlineData("localhost", 10, 40, "TLS failed: the certificate is not valid before ")]
    [InlineData("receiver.example", -10, 40, "TLS failed: the certificate is for another name")]
    [InlineData("localhost", -10, 40, "TLS failed: the certificate is not from a trusted authority")]
    public async Task A_certificate_that_is_not_trusted_is_said_in_words(string name, int fromDays, int toDays, string words)
    {
        using var certificate = Certificate(name, fromDays, toDays);
        await using var receiver = await Receiver.StartAsync(certificate);
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(At(receiver, "localhost"));

        await app.PublishAcceptedAsync(Some.Event("e-1"));

        var attempt = (await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1)).Attempts[0];
        Assert.Equal(AttemptOutcome.NoResponse, attempt.Outcome);
        Assert.StartsWith(words, attempt.Reason, StringComparison.Ordinal);
        Assert.Empty(receiver.Calls);
    }

    [Fact]
    public async Task A_name_that_leads_elsewhere_the_next_time_is_judged_again()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, http) =>
        {
            http.Response.Headers.Connection = "close";
            return Receiver.Status(http, 200);
        };
        var asked = 0;
        await using var app = RunningApp.Start((_, _) => Task.FromResult<IPAddress[]>([Interlocked.Increment(ref asked) == 1 ? IPAddress.Loopback : IPAddress.Parse("127.0.0.2")]), ("Ens:Delivery:AllowedNetworks", "127.0.0.1/32"));
        var webhook = await app.CreateWebhookAsync(At(receiver, "receiver.example"), connections: 1);

        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await app.DeliveryAsync(webhook, DeliveryStatus.Delivered);
        await app.PublishAcceptedAsync(Some.Event("e-2"));

        var blocked = await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1);
        Assert.StartsWith("Blocked: 127.0.0.2 ", blocked.Attempts[0].Reason, StringComparison.Ordinal);
        Assert.Single(receiver.Calls);
    }

    [Fact]
    public async Task One_forbidden_address_among_several_refuses_the_name()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback, IPAddress.Parse("127.0.0.2")]), ("Ens:Delivery:AllowedNetworks", "127.0.0.1/32"));
        var webhook = await app.CreateWebhookAsync(At(receiver, "receiver.example"));

        await app.PublishAcceptedAsync(Some.Event("e-1"));

        Assert.Equal(AttemptOutcome.Blocked, (await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1)).Attempts[0].Outcome);
        Assert.Empty(receiver.Calls);
    }

    [Fact]
    public async Task An_address_that_swallows_what_is_sent_to_it_does_not_keep_the_next_one_waiting()
    {
        await using var receiver = await Receiver.StartAsync();
        var port = new Uri(receiver.Url).Port;
        using var swallowing = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        swallowing.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), port));
        swallowing.Listen(0);
        using var filling = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await filling.ConnectAsync("127.0.0.2", port, TestContext.Current.CancellationToken); // Nobody accepts: whoever comes next hears nothing.
        await using var app = RunningApp.Start((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.2"), IPAddress.Loopback]));
        var webhook = await app.CreateWebhookAsync(At(receiver, "receiver.example"));

        await app.PublishAcceptedAsync(Some.Event("e-1"));

        Assert.Single((await app.DeliveryAsync(webhook, DeliveryStatus.Delivered)).Attempts);
    }

    [Fact]
    public async Task Webhooks_of_the_same_host_share_no_connection()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        await app.CreateWebhookAsync($"{receiver.Url}/a", 1, "first");
        await app.CreateWebhookAsync($"{receiver.Url}/b", 1, "second");

        for (var i = 1; i <= 5; i++)
        {
            await app.PublishAcceptedAsync(Some.Event($"e-{i}"));
            await receiver.ReceivedAsync(2 * i);
        }

        var connections = receiver.Calls.GroupBy(c => c.Path).Select(g => g.Select(c => c.Connection).Distinct().ToArray()).ToArray();
        Assert.Equal(2, connections.Length);
        Assert.Empty(connections[0].Intersect(connections[1]));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_compressed_answer_is_kept_as_text_however_much_it_would_unfold_to(string encoding)
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = async (_, http) =>
        {
            http.Response.Headers.ContentEncoding = encoding;
            await http.Response.Body.WriteAsync(Compressed(encoding, 20_000_000));
        };
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(receiver.Url);

        await app.PublishAcceptedAsync(Some.Event("e-1"));

        Assert.Equal(new string('a', 4096), (await app.DeliveryAsync(webhook, DeliveryStatus.Delivered)).Attempts[0].ResponseStart);
    }

    private static string At(Receiver receiver, string host) => receiver.Url.Replace("127.0.0.1", host, StringComparison.Ordinal);

    private static byte[] Compressed(string encoding, int length)
    {
        using var compressed = new MemoryStream();
        using (Stream packing = encoding switch { "gzip" => new GZipStream(compressed, CompressionLevel.Fastest), "br" => new BrotliStream(compressed, CompressionLevel.Fastest), _ => new ZLibStream(compressed, CompressionLevel.Fastest) })
        {
            var piece = Enumerable.Repeat((byte)'a', 100_000).ToArray();
            for (var i = 0; i < length / piece.Length; i++) packing.Write(piece);
        }

        return compressed.ToArray();
    }

    private static X509Certificate2 Certificate(string name, int fromDays, int toDays)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(fromDays), TimeProvider.System.GetUtcNow().AddDays(toDays));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
