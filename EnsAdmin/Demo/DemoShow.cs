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

    private static readonly (string Name, string Path, int Connections, int Sla, string[] Events)[] Webhooks =
    [
        ("crm-sync", "/crm", 20, 30, ["customerAdded", "customerUpdated", "transactionAdded", "pointsIssued", "pointsRedeemed", "tierUpgraded"]),
        ("warehouse-feed", "/warehouse", 2, 5, ["transactionAdded", "transactionUpdated", "pointsIssued"]),
        ("partner-points", "/partner", 10, 30, ["pointsIssued", "pointsRedeemed", "pointsExpired"]),
        ("old-sms-gateway", "/sms", 5, 0, ["customerAdded", "pointsExpiryReminder", "pointsExpired"]),
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

        var events = Webhooks.SelectMany(w => w.Events).Distinct().Where(name => catalog.Find(name) is not null).ToArray();
        foreach (var w in Webhooks)
        {
            await PostAsync(http, "/v3/webHooks", new JsonObject
            {
                ["name"] = w.Name,
                ["webHookUrl"] = target + w.Path,
                ["webHookHeaders"] = new JsonObject { ["Authorization"] = $"Bearer demo-{w.Name}" },
                ["maxAllowedConnections"] = w.Connections,
                ["slaInSeconds"] = w.Sla,
                ["eventNames"] = new JsonArray([.. w.Events.Intersect(events).Select(name => JsonValue.Create(name))]),
            }, stoppingToken);
        }

        using var pause = new PeriodicTimer(BetweenEvents, time);
        for (var number = 0; ; number++)
        {
            await PostAsync(http, "/v3/events", Event(events[number % events.Length], number), stoppingToken);
            if (!await pause.WaitForNextTickAsync(stoppingToken)) return;
        }
    }

    private async Task<string> KeyAsync(string name, CancellationToken cancel) =>
        await keys.AddAsync(OrgId, new NewKey { Name = name, Scopes = Scopes.All }, Demo, cancel) is AddKeyResult.Added added ? added.Whole : throw new InvalidOperationException("The demo got no key.");

    /// <summary>The type's example as another customer's event of now.</summary>
    private JsonObject Event(string name, int number)
    {
        var message = JsonNode.Parse(catalog.ExampleOf(name, OrgId))!.AsObject();
        var customer = 684_494_000 + number * 37 % 500;
        message["eventId"] = Guid.NewGuid().ToString();
        message["refId"] = $"{OrgId}_{customer}";
        message["apiRequestId"] = Guid.NewGuid().ToString("N");
        message["createdAt"] = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (message["data"]?["customerIdentifiers"] is JsonObject identifiers) identifiers["customerId"] = customer;
        return message;
    }

    private async Task PostAsync(HttpClient http, string path, JsonObject body, CancellationToken cancel)
    {
        using var answer = await http.PostAsync(path, JsonContent.Create(body), cancel);
        if (!answer.IsSuccessStatusCode) Refused(path, await answer.Content.ReadAsStringAsync(cancel));
    }

    [LoggerMessage(LogLevel.Error, "The demo's request to {Path} was refused: {Answer}")]
    private partial void Refused(string path, string answer);
}
