using System.Net.Http.Json;
using System.Text.Json;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Support;

/// <summary>A second organization of a running application, with something of everything, and all the ids that lead to it.</summary>
public sealed class OtherBrand
{
    public const int OrgId = 7;
    private const string WebhookName = "bees-orders", HeaderName = "X-Bee-Brand", BrandName = "Bee Roasters", BeePath = "/bees-only";

    private const long BeeRecord = 880077661;
    private const string BeeFile = "bee-customers.csv";

    private readonly RunningApp _app;

    private OtherBrand(RunningApp app) => _app = app;

    /// <summary>A key of it with all scopes.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Each of its ids, and one of the same form that nobody has.</summary>
    public IReadOnlyList<(string Id, string OfNobody)> Ids { get; private set; } = [];

    /// <summary>Words that stand in what is its own and nowhere else.</summary>
    public IReadOnlyList<string> Marks => ["bee hive", "bee-store", "bee till", "queen@bees", BeeFile, WebhookName, HeaderName, BrandName, BeePath, Key[..ApiKey.IdLength]];

    /// <summary>What <see cref="StateAsync"/> said when it was set up.</summary>
    public string Before { get; private set; } = "";

    public static async Task<OtherBrand> SetUpAsync(RunningApp app, Receiver receiver)
    {
        var other = new OtherBrand(app);
        await app.AddOrganizationAsync(OrgId, BrandName);
        other.Key = await app.AddKeyAsync(OrgId, Scopes.All);
        using var http = app.Client(other.Key);
        var webhook = await PostAsync(http, "/v3/webHooks", new { name = WebhookName, webHookUrl = receiver.Url + BeePath, maxAllowedConnections = 5, webHookHeaders = new Dictionary<string, string> { [HeaderName] = "honey" }, eventNames = new[] { Some.EventName } });
        var webhookId = webhook.GetProperty("webHookId").GetString()!;
        await PostAsync(http, "/v3/events", new { eventName = Some.EventName, eventId = "bee-event", refId = "7_bee", apiRequestId = "bee-request", data = new { } });
        await receiver.ReceivedAsync(1);
        var log = app.Services.GetRequiredService<EnsAdmin.Activity.DeliveryLog>();
        await Eventually.HoldsAsync(async () => (await log.PageAsync(OrgId, webhookId)).Rows is [{ Status: DeliveryStatus.Delivered }], () => "the other brand's delivery");
        var deliveryId = (await log.PageAsync(OrgId, webhookId)).Rows[0].Id;
        var job = await PostAsync(http, $"/v3/webHooks/{webhookId}/replay", new { });

        await PutAsync(http, "/v3/directory/stores", new[] { new { storeId = BeeRecord, name = "Bee Hive", code = "bee-store" } });
        await PutAsync(http, "/v3/directory/tills", new[] { new { tillId = BeeRecord, name = "Bee Till", storeId = BeeRecord } });
        await PutAsync(http, "/v3/directory/customers", new[] { new { customerId = BeeRecord, instore = new { email = "queen@bees.example" } } });
        var import = await app.AddImportAsync(OrgId, BeeFile);

        other.Ids =
        [
            ($"{BeeRecord}", "880077660"), ($"{import}", "999997"),
            (webhookId, "aaaaaaaaaaaaaaaaaaaaaaaa"), (webhook.GetProperty("consumerGroupId").GetString()!, "0f8fad5b-d9cb-469f-a165-70867728950e"),
            ($"{deliveryId}", "999999"), ($"{job.GetProperty("replayId").GetInt64()}", "999998"),
            ("bee-event", "no-event"), ("7_bee", "7_none"), ("bee-request", "no-request"), (Some.EventName, Some.EventName), (other.Key[..ApiKey.IdLength], "ens_aaaaaaaaaaaa"),
        ];
        await Eventually.HoldsAsync(async () => await app.Services.GetRequiredService<EnsAdmin.Replays.ReplayStore>().RecentAsync(OrgId, webhookId, 1) is [{ State: ReplayJobState.Done }], () => "the other brand's replay");
        other.Before = await other.StateAsync();
        return other;
    }

    /// <summary>All that somebody could change of it.</summary>
    public async Task<string> StateAsync()
    {
        await using var db = _app.Services.GetRequiredService<EnsContexts>().Of(OrgId);
        return JsonSerializer.Serialize(new
        {
            Webhooks = await db.Webhooks.Select(w => new { w.Id, w.Version, w.Active, w.DeletedAt }).ToListAsync(), Deliveries = await db.Deliveries.Select(d => new { d.Id, d.Status, d.Attempts }).ToListAsync(),
            Jobs = await db.ReplayJobs.Select(j => new { j.Id, j.State }).ToListAsync(), Events = await db.EventMessages.CountAsync(), Directory = new { Stores = await db.Stores.CountAsync(), Tills = await db.Tills.CountAsync(), Customers = await db.Customers.CountAsync(c => c.Origin != "") }, Keys = await db.ApiKeys.Select(k => new { k.Id, k.RevokedAt }).ToListAsync(),
        });
    }

    private static async Task PutAsync(HttpClient http, string path, object body)
    {
        using var answer = await http.PutAsJsonAsync(path, body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<JsonElement> PostAsync(HttpClient http, string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement.GetProperty("data");
    }
}
