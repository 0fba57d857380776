using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EnsAdmin.Dispatch;
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

    [Fact]
    public async Task Names_that_hang_delay_no_publisher_and_no_other_webhook()
    {
        await using var receiver = await Receiver.StartAsync();
        using var hang = new ManualResetEventSlim();
        var lookup = new NameLookup(host =>
        {
            if (host.StartsWith("hang", StringComparison.Ordinal)) hang.Wait(); // As the system's resolver does while a name's servers don't answer.
            return [IPAddress.Loopback];
        });
        await using var app = RunningApp.Start(lookup.ResolveAsync, ("Ens:Delivery:RequestTimeout", "00:00:05"), ("Ens:Delivery:ShutdownGrace", "00:00:00"));
        for (var i = 0; i < 100; i++) await app.CreateWebhookAsync(At(receiver, $"hang{i}.example"), connections: 2, name: $"hang {i}");
        var good = await app.CreateWebhookAsync(At(receiver, "receiver.example"), name: "good", events: ["customerAdded"]);
        await app.PublishAcceptedAsync(Some.Events(Enumerable.Range(0, 2).Select(i => $"bad-{i}")));

        for (var i = 0; i < 20; i++)
        {
            await app.PublishAcceptedAsync(Some.Event($"good-{i}", "customerAdded"));
            await receiver.ReceivedAsync(i + 1);
        }

        var hanging = await app.WebhookIdAsync("hang 7");
        var attempt = (await app.DeliveryAsync(hanging, d => d.Attempts.Count == 1)).Attempts[0];
        Assert.Equal("No address for the name within 5 s", attempt.Reason);
        Assert.InRange(attempt.Duration, TimeSpan.Zero, TimeSpan.FromSeconds(8));
        Assert.All(await app.LogAsync(good, rows => rows.Count == 20), r => Assert.Equal(1, r.Attempts));
        hang.Set();
    }

    [Fact]
    public async Task A_name_is_looked_up_once_for_all_who_ask_meanwhile_and_anew_for_whoever_asks_later()
    {
        var asked = 0;
        using var answer = new ManualResetEventSlim();
        var lookup = new NameLookup(_ =>
        {
            answer.Wait();
            return Interlocked.Increment(ref asked) == 1 ? throw new SocketException((int)SocketError.HostNotFound) : [IPAddress.Loopback];
        });
        using var impatient = new CancellationTokenSource();

        var first = Enumerable.Range(0, 10).Select(_ => lookup.ResolveAsync("receiver.example", CancellationToken.None)).ToArray();
        var gone = lookup.ResolveAsync("Receiver.Example", impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        answer.Set();

        foreach (var look in first) await Assert.ThrowsAsync<SocketException>(() => look);
        Assert.Equal(IPAddress.Loopback, Assert.Single(await lookup.ResolveAsync("receiver.example", CancellationToken.None)));
        Assert.Equal(2, asked);
    }

    [Theory]
    [InlineData("Expires")]
    [InlineData("Last-Modified")]
    [InlineData("Allow")]
    [InlineData("User-Agent")]
    [InlineData("Accept")]
    [InlineData("If-Modified-Since")]
    [InlineData("Date")]
    [InlineData("Cookie")]
    public async Task Every_header_that_can_be_saved_is_sent(string header)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        using var created = await app.Http.PostAsJsonAsync("/v3/webHooks", new
        {
            name = "orders", webHookUrl = receiver.Url, maxAllowedConnections = 1, eventNames = new[] { Some.EventName }, webHookHeaders = new Dictionary<string, string> { [header] = "as it is" },
        }, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);

        await app.PublishAcceptedAsync(Some.Event("e-1"));

        Assert.Equal("as it is", Assert.Single(await receiver.ReceivedAsync(1)).Headers[header]);
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
