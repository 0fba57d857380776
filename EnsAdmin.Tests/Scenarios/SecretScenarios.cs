using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.People;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>
/// Secrets are planted everywhere, every kind of story is lived through with the log at its most talkative, and all that came out is searched. What is shown once,
/// to who asked for it, is not listened to: the new key, the link of an invitation, the app's key and the recovery codes.
/// </summary>
public sealed class SecretScenarios : IDisposable
{
    private static readonly string[] LogCategories = ["Default", "Microsoft.AspNetCore", "Microsoft.AspNetCore.DataProtection", "Microsoft.EntityFrameworkCore", "Microsoft.Hosting.Lifetime", "System.Net.Http.HttpClient", "EnsAdmin"];

    private readonly string _data = Directory.CreateTempSubdirectory("ens-secrets-").FullName;
    private readonly string _files = Directory.CreateTempSubdirectory("ens-secret-files-").FullName;
    private readonly Eavesdropper _ear = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_secret_comes_out_anywhere()
    {
        await using var collector = await Receiver.StartAsync();
        await using var echo = await Receiver.StartAsync();
        echo.Answer = EchoAsync;
        await using (var app = await StartAsync(collector))
        {
            _ear.Secret("the secret of a key", app.Key[(ApiKey.IdLength + 1)..]);
            var ids = await DeliveriesAsync(app, echo);
            await RefusalsAsync(app);
            await PeopleAsync(app);
            await ScreensAsync(app, ids);
            foreach (var path in new[] { "/metrics", "/health/live", "/health/ready" }) await HearAsync(app.Http, HttpMethod.Get, path);
            await _ear.HearFilesAsync(_data); // The write-ahead log as well.
            await app.StopAsync();
        }

        await _ear.HearFilesAsync(_data);
        // The data directory is free before the last of the exporters has said all.
        await collector.WhenAsync(() => collector.Calls.Any(c => c.Path == "/v1/traces") && collector.Calls.Any(c => c.Path == "/v1/metrics"), "traces and metrics");
        foreach (var call in collector.Calls) _ear.Hear($"collector {call.Path}", call.Body);
        Assert.True(_ear.Categories.Count > 30, string.Join(", ", _ear.Categories.Keys));
        Assert.All(["Microsoft.AspNetCore.Authentication.Cookies.CookieAuthenticationHandler", "Microsoft.EntityFrameworkCore.Query", "Microsoft.AspNetCore.Routing.EndpointRoutingMiddleware", "Microsoft.AspNetCore.DataProtection.KeyManagement.KeyRingBasedDataProtector"],
            category => Assert.Contains(category, _ear.Categories.Keys));
        var found = _ear.Found();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    public void Dispose()
    {
        Directory.Delete(_data, recursive: true);
        Directory.Delete(_files, recursive: true);
        _ear.Dispose();
    }

    private async Task<RunningApp> StartAsync(Receiver collector)
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));
        var password = _ear.Secret("the certificate's password", "zq7-certificate-password");
        var (pfx, file) = (Path.Combine(_files, "tls.pfx"), Path.Combine(_files, "password"));
        await File.WriteAllBytesAsync(pfx, certificate.Export(X509ContentType.Pkcs12, password), Cancel);
        await File.WriteAllTextAsync(file, password, Cancel);
        (string, string)[] settings =
        [
            .. LogCategories.Select(c => ($"Logging:LogLevel:{c}", "Trace")), ("Ens:Https:Certificate", pfx), ("Ens:Https:PasswordFile", file),
            ("Ens:DataProtection:Passphrase", _ear.Secret("the passphrase", "zq7-passphrase-of-the-keys")), ("Ens:Delivery:AllowedNetworks", RunningApp.Loopback),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("Ens:DataDirectory", _data), ("Ens:Limits:FailedSignInsPerAddress", "1000"),
        ];
        return RunningApp.StartWith(services =>
        {
            services.AddLogging(log => log.AddProvider(_ear));
            services.AddSingleton<IStartupFilter>(new AlsoHttps(ProgramRun.FreePort()));
        }, settings);
    }

    /// <summary>Receivers that say back what they got, in every form, and those that cannot be reached.</summary>
    private async Task<(string Webhook, long Delivery)> DeliveriesAsync(RunningApp app, Receiver echo)
    {
        var basic = _ear.Secret("a Basic credential", Convert.ToBase64String(Encoding.UTF8.GetBytes("till:" + _ear.Secret("a Basic password", "zq7-basic-password"))));
        var headers = new Dictionary<string, string>
        {
            ["Authorization"] = $"Basic {basic}", ["X-Token"] = _ear.Secret("a header value", "zq7-token/with+odd&signs\"and'quotes"), ["X-Bearer"] = "Bearer " + _ear.Secret("a bearer token", "zq7-bearer-token"),
        };
        foreach (var odd in new[] { "zq7-token/with", "odd&signs", "odd%26signs", "odd&amp;signs", "odd\\u0026signs" }) _ear.Secret("a header value in another spelling", odd);
        var ids = new List<string>();
        var groups = new List<string>();
        foreach (var (name, url) in new[] { ("echo", echo.Url + "/200"), ("failing", echo.Url + "/500"), ("refusing", echo.Url + "/404"), ("gzip", echo.Url + "/gzip"), ("late", echo.Url + "/late"), ("moved", echo.Url + "/302"), ("closed", $"http://127.0.0.1:{ProgramRun.FreePort()}"), ("blocked", "http://192.0.2.1/") })
        {
            using var made = await app.Http.PostAsJsonAsync("/v3/webHooks", new { name, webHookUrl = url, maxAllowedConnections = 2, eventNames = new[] { Some.EventName }, webHookHeaders = headers }, Cancel);
            var body = await _ear.HearAsync(made);
            if (!made.IsSuccessStatusCode) continue; // One of them is refused, which is a story too.
            var data = JsonDocument.Parse(body).RootElement.GetProperty("data");
            ids.Add(data.GetProperty("webHookId").GetString()!);
            groups.Add(data.GetProperty("consumerGroupId").GetString()!);
        }

        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await echo.ReceivedAsync(6);
        await app.DeliveryAsync(ids[0], DeliveryStatus.Delivered, attempts: 1);
        await app.DeliveryAsync(ids[2], DeliveryStatus.Rejected, attempts: 1);
        await app.DeliveryAsync(ids[6], DeliveryStatus.ReplayScheduled, attempts: 1);
        foreach (var id in ids)
        {
            await HearAsync(app.Http, HttpMethod.Post, $"/v3/webHooks/{id}/test", "{}");
            await HearAsync(app.Http, HttpMethod.Post, $"/v3/webHooks/{id}/replay", """{"statuses":["failed","delivered"],"since":"2020-01-01T00:00:00Z"}""");
            await HearAsync(app.Http, HttpMethod.Get, $"/v3/webHooks/{id}");
            await HearAsync(app.Http, HttpMethod.Get, $"/v3/webHooks/{id}/replay");
        }
        foreach (var group in groups) foreach (var what in new[] { "metrics", "logs" }) await HearAsync(app.Http, HttpMethod.Get, $"/v3/events/consumer-groups/{group}/{what}");
        for (var delivery = 1; delivery < 4; delivery++) await HearAsync(app.Http, HttpMethod.Post, $"/v3/deliveries/{delivery}/replay");
        foreach (var path in new[] { "/v3/webHooks", "/v3/webHooks/eventLog/e-1", "/v3/webHooks/eventLog/refId/x" }) await HearAsync(app.Http, HttpMethod.Get, path);
        return (ids[0], 1);
    }

    /// <summary>What is wrong is told without what was secret in it.</summary>
    private async Task RefusalsAsync(RunningApp app)
    {
        foreach (var headers in new[] { $$"""{"X Bad":"{{_ear.Secret("the value of a wrong header", "zq7-wrong-header")}}"}""", """{"X-Line":"zq7-wrong-header\nX-Other: 1"}""", """[["X-A","zq7-wrong-header","zq7-wrong-header"]]""", """[{"key":"Host","value":"zq7-wrong-header"}]""", "\"zq7-wrong-header\"" })
            await HearAsync(app.Http, HttpMethod.Post, "/v3/webHooks", $$"""{"name":"wrong","webHookUrl":"http://127.0.0.1:1/","maxAllowedConnections":1,"eventNames":["pointsIssued"],"webHookHeaders":{{headers}}}""");
        await HearAsync(app.Http, HttpMethod.Post, "/v3/webHooks", """{"webHookHeaders":{"X":"zq7-wrong-header" """);
        var id = app.Key[..ApiKey.IdLength];
        foreach (var given in new[] { $"Bearer {id}_{_ear.Secret("a wrong secret of a key", "zq7wrongsecretofakey")}", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:zq7wrongsecretofakey"))}", "Bearer zq7wrongsecretofakey" })
        {
            using var http = app.Client(null);
            http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", given);
            await HearAsync(http, HttpMethod.Get, "/v3/webHooks");
        }
    }

    private async Task PeopleAsync(RunningApp app)
    {
        var password = _ear.Secret("a password", "zq7 password of somebody");
        var setup = _ear.Secret("the setup token", app.Services.GetRequiredService<Setup>().Open());
        using var first = app.Stranger();
        await _ear.HearAsync(await first.GetAsync($"{Paths.Setup}?token={setup}", Cancel), setup);
        await _ear.HearAsync(await first.SendFormAsync($"{Paths.Setup}?token={setup}", "setup", ("Given.Email", "no address"), ("Given.Name", ""), ("Given.Password", password), ("Given.OrgId", "x"), ("Given.OrgName", ""), ("Given.TimeZone", "")), setup);
        await _ear.HearAsync(await first.SendFormAsync($"{Paths.Setup}?token={setup}", "setup", ("Given.Email", "jo@example.com"), ("Given.Name", "Jo"), ("Given.Password", password), ("Given.OrgId", "7"), ("Given.OrgName", "North Roast"), ("Given.TimeZone", "UTC")), setup);

        var invitation = _ear.Secret("an invitation's token", (await app.Services.GetRequiredService<InvitationStore>().AddAsync(7, "sam@example.com", Role.Viewer, Some.Actor, Cancel)).Token!);
        using var second = app.Stranger();
        await _ear.HearAsync(await second.GetAsync($"{Paths.Invitation}?token={invitation}", Cancel), invitation);
        await _ear.HearAsync(await second.SendFormAsync($"{Paths.Invitation}?token={invitation}", "accept", ("Given.Name", ""), ("Given.Password", password)), invitation);
        await _ear.HearAsync(await second.SendFormAsync($"{Paths.Invitation}?token={invitation}", "accept", ("Given.Name", "Sam"), ("Given.Password", password)), invitation);

        using var third = app.Stranger();
        await _ear.HearAsync(await third.SignInAsync("jo@example.com", _ear.Secret("a wrong password", "zq7 wrong password")));
        await _ear.HearAsync(await third.SignInAsync("nobody@example.com", "zq7 wrong password"));

        var (accounts, factors) = (app.Services.GetRequiredService<Accounts>(), app.Services.GetRequiredService<SecondFactor>());
        var user = (await accounts.FindAsync("jo@example.com"))!;
        var key = _ear.Secret("the key of an authenticator app", await factors.NewKeyAsync());
        var (codes, errors) = await factors.TurnOnAsync(user.Id, key, Totp.Code(key, TimeProvider.System.GetUtcNow()), password, Guid.Empty, Some.Actor);
        Assert.Empty(errors);
        foreach (var code in codes) _ear.Secret("a recovery code", code);
        await _ear.HearAsync(await third.SignInAsync("jo@example.com", password));
        await _ear.HearAsync(await third.SendFormAsync($"{Paths.SecondFactor}?recovery=true", "code", ("Code", _ear.Secret("a wrong recovery code", "ZQ7RN-WRONG"))));
        await _ear.HearAsync(await third.SendFormAsync($"{Paths.SecondFactor}?recovery=true", "code", ("Code", codes[0])));
    }

    private async Task ScreensAsync(RunningApp app, (string Webhook, long Delivery) ids)
    {
        using var http = await app.SignedInAsync(Role.Operator);
        foreach (var template in typeof(Program).Assembly.GetTypes().SelectMany(t => t.GetCustomAttributes(typeof(RouteAttribute), false).Cast<RouteAttribute>()).Select(r => r.Template))
        {
            var path = template.Replace("{OrgId:int}", $"{RunningApp.OrgId}", StringComparison.Ordinal);
            await HearAsync(http, HttpMethod.Get, Regex.Replace(path, @"\{(\w+)[^}]*\}", m => m.Groups[1].Value.Contains("Webhook", StringComparison.OrdinalIgnoreCase) ? ids.Webhook : $"{ids.Delivery}"));
        }

        // What every attempt shows, of each of them.
        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        foreach (var delivery in await db.Deliveries.AsNoTracking().ToListAsync(Cancel)) await HearAsync(http, HttpMethod.Get, Paths.Delivery(RunningApp.OrgId, delivery.WebhookId, delivery.Id));
    }

    private static async Task EchoAsync(int number, HttpContext http)
    {
        var headers = http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString());
        headers.Remove("Host");
        var basic = headers.TryGetValue("Authorization", out var sent) ? Encoding.UTF8.GetString(Convert.FromBase64String(sent.Split(' ')[1])) : "";
        var text = string.Join('\n', headers.Select(h => $"{h.Key}: {h.Value}")) + "\n" + JsonSerializer.Serialize(headers) + "\n" + basic + "\n"
            + string.Join('&', headers.Select(h => $"{h.Key}={Uri.EscapeDataString(h.Value)}")) + "\n" + WebUtility.HtmlEncode(headers.GetValueOrDefault("X-Token"));
        foreach (var (name, value) in headers.Where(h => h.Key.StartsWith("X-", StringComparison.Ordinal))) http.Response.Headers[$"Echo-{name}"] = value;
        switch (http.Request.Path.Value)
        {
            case "/gzip":
                http.Response.Headers.ContentEncoding = "gzip";
                await using (var zip = new GZipStream(http.Response.Body, CompressionLevel.Fastest)) await zip.WriteAsync(Encoding.UTF8.GetBytes(text));
                return;
            case "/late":
                // Half of a secret stands before the place where the answer is cut, half behind.
                await http.Response.WriteAsync(new string('.', 4096 - 16) + headers.GetValueOrDefault("X-Token"));
                return;
            case "/302":
                http.Response.Headers.Location = "https://example.com/?token=" + Uri.EscapeDataString(headers.GetValueOrDefault("X-Token") ?? "");
                break;
        }

        http.Response.StatusCode = int.TryParse(http.Request.Path.Value?.TrimStart('/'), out var status) ? status : 200;
        await http.Response.WriteAsync(text);
    }

    private async Task HearAsync(HttpClient http, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await http.SendAsync(request, Cancel);
        Assert.True((int)answer.StatusCode < 500, await answer.Content.ReadAsStringAsync(Cancel));
        await _ear.HearAsync(answer);
    }
}
