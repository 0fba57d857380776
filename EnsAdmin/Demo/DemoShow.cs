using System.Text.Json.Nodes;
using EnsAdmin.Access;
using EnsAdmin.Catalog;
using EnsAdmin.Domain;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace EnsAdmin.Demo;

/// <summary>Fills a throw-away installation: four webhooks and a trickle of events, all of it over the HTTP API as a producer would.</summary>
public sealed partial class DemoShow(
    IServer server, IHostApplicationLifetime lifetime, EventCatalog catalog, KeyStore keys, TimeProvider time, ILogger<DemoShow> log) : BackgroundService
{
    private const int OrgId = DemoSignIn.OrgId;
    private static readonly Actor Demo = new("demo");
    private static readonly TimeSpan BetweenEvents = TimeSpan.FromMilliseconds(700);

    /// <summary>Events by name or by category.</summary>
    private static readonly (string Name, string Path, int Connections, int Sla, string[] Events)[] Webhooks =
    [
        ("crm-sync", "/crm", 20, 30, ["Customer", "Tier", "Cards", "User group", "Loyalty customer", "Badges", "Streaks", "Milestones (targets)", "transactionAdded", "pointsIssued", "pointsRedeemed"]),
        ("warehouse-feed", "/warehouse", 1, 30, ["transactionAdded", "transactionUpdated", "retroBillAdded"]),
        ("partner-points", "/partner", 10, 30, ["Points", "Partner program", "Loyalty promotions", "Rewards", "Alternate currencies"]),
        ("old-sms-gateway", "/sms", 5, 0, ["Coupons", "Cart promotions", "customerAdded", "pointsExpiryReminder", "pointsExpired"]),
    ];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource();
        await using var onStart = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        await using var receivers = new DemoReceivers(time);
        var target = await receivers.StartAsync(stoppingToken);
        var url = server.Features.Get<IServerAddressesFeature>()!.Addresses.First();
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", await KeyAsync("demo trickle", stoppingToken));
        Console.WriteLine($"A key to try it with: curl -H 'Authorization: Bearer {await KeyAsync("try it", stoppingToken)}' {url}/v3/webHooks");

        foreach (var w in Webhooks)
        {
            var webhook = new JsonObject
            {
                ["name"] = w.Name,
                ["webHookUrl"] = target + w.Path,
                ["webHookHeaders"] = new JsonObject { ["Authorization"] = $"Bearer demo-{w.Name}" },
                ["maxAllowedConnections"] = w.Connections,
                ["slaInSeconds"] = w.Sla,
                ["eventNames"] = new JsonArray([.. catalog.All.Where(t => t.IsCurrent && (w.Events.Contains(t.Name) || w.Events.Contains(t.Category))).Select(t => JsonValue.Create(t.Name))]),
            };
            if (await SendAsync(http, HttpMethod.Post, "/v3/webHooks", webhook, stoppingToken) is not { } saved || w.Name != "warehouse-feed") continue;
            // One is changed at once: the audit then has a before and an after.
            (webhook["maxAllowedConnections"], webhook["slaInSeconds"], webhook["webHookHeaders"]) = (2, 5, new JsonObject { ["Authorization"] = "Bearer demo-renewed" });
            await SendAsync(http, HttpMethod.Put, $"/v3/webHooks/{saved["data"]!["webHookId"]}", webhook, stoppingToken);
        }

        using var pause = new PeriodicTimer(BetweenEvents, time);
        for (var number = 0; ; number++)
        {
            await SendAsync(http, HttpMethod.Post, "/v3/events", DemoEvents.Of(catalog, DemoEvents.NameOf(catalog, number), OrgId, number, time.GetUtcNow()), stoppingToken);
            if (!await pause.WaitForNextTickAsync(stoppingToken)) return;
        }
    }

    private async Task<string> KeyAsync(string name, CancellationToken cancel) =>
        await keys.AddAsync(OrgId, new NewKey { Name = name, Scopes = Scopes.All }, Demo, cancel) is AddKeyResult.Added added ? added.Whole : throw new InvalidOperationException("The demo got no key.");

    /// <returns>The answer; null where it was a refusal.</returns>
    private async Task<JsonNode?> SendAsync(HttpClient http, HttpMethod method, string path, JsonObject body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        using var answer = await http.SendAsync(request, cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        if (answer.IsSuccessStatusCode) return JsonNode.Parse(text);
        if (!lifetime.ApplicationStopping.IsCancellationRequested) Refused(path, text);
        return null;
    }

    [LoggerMessage(LogLevel.Error, "The demo's request to {Path} was refused: {Answer}")]
    private partial void Refused(string path, string answer);
}
