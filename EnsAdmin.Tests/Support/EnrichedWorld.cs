using System.Text.Json;
using System.Text.Json.Nodes;
using EnsAdmin.Access;
using EnsAdmin.Activity;
using EnsAdmin.Directories;
using EnsAdmin.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Support;

/// <summary>A running application whose directory knows till 77 in store 8841 and customer 42 with identifiers of every source, and a receiver.</summary>
public sealed class EnrichedWorld : IAsyncDisposable
{
    private int _webhooks, _events;
    private string _newest = "";

    private EnrichedWorld(RunningApp app, Receiver receiver) => (App, Receiver) = (app, receiver);

    public RunningApp App { get; }
    public Receiver Receiver { get; }

    public static async Task<EnrichedWorld> StartAsync(bool learns = true)
    {
        var world = new EnrichedWorld(RunningApp.Start(), await Receiver.StartAsync());
        if (!learns) await world.LearnAsync(false);
        await world.PutAsync("stores", """[{"storeId":8841,"code":"HC-01","name":"Old Harbour","externalId":"S-8841","externalId2":"West"}]""");
        await world.PutAsync("tills", """[{"tillId":77,"code":"T1","name":"Till \"1\"","storeId":8841}]""");
        var customer = new JsonObject
        {
            ["customerId"] = 42,
            ["instore"] = JsonNode.Parse("""{"id":9001,"mobile":"919812345678","email":"ada@example.com","externalId":"CRM-42","cards":[{"number":"1001","externalId":"X-1"},"1002"]}"""),
        };
        foreach (var source in IdentifierSources.WithAccounts)
            customer[source.Wire] = JsonNode.Parse($$"""{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"{{source.Wire}}-1"}]}]}""");
        await world.PutAsync("customers", $"[{customer.ToJsonString()}]");
        return world;
    }

    public Task LearnAsync(bool fromEvents) => App.Services.GetRequiredService<OrganizationStore>().LearnAsync(RunningApp.OrgId, fromEvents, Some.Actor);

    /// <summary>Adds a webhook with these settings, as the API spells them.</summary>
    public async Task<string> WebhookAsync(object enrichment, params string[] events)
    {
        var webhook = JsonSerializer.SerializeToNode(enrichment)!.AsObject();
        webhook["name"] = $"enriched-{++_webhooks}";
        webhook["webHookUrl"] ??= Receiver.Url;
        webhook["maxAllowedConnections"] ??= 5;
        webhook["eventNames"] = new JsonArray([.. events.Select(e => (JsonNode)e)]);
        using var answer = await App.Http.PostAsync("/v3/webHooks", new StringContent(webhook.ToJsonString()));
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, body);
        return _newest = JsonDocument.Parse(body).RootElement.GetProperty("data").GetProperty("webHookId").GetString()!;
    }

    /// <summary>Publishes an event and waits for its first call; the receiver must not have more than one webhook for it.</summary>
    /// <returns>The <c>data</c> that arrived, in the very characters.</returns>
    public async Task<string> PublishAsync(string eventName, string data, long? createdAt = null, string? loyaltyEventId = null)
    {
        var id = $"e-{++_events}";
        var envelope = $"\"eventName\":\"{eventName}\",\"eventId\":\"{id}\",\"refId\":\"1655_42\"{(createdAt is { } at ? $",\"createdAt\":{at}" : "")}{(loyaltyEventId is null ? "" : $",\"loyaltyEventId\":\"{loyaltyEventId}\"")}";
        await App.PublishAcceptedAsync($"{{{envelope},\"data\":{data}}}");
        var calls = await Receiver.WhenAsync(() => Receiver.Calls.Any(c => c.Text.Contains($"\"{id}\"", StringComparison.Ordinal)), $"the call of {id}");
        using var got = JsonDocument.Parse(calls.Single(c => c.EventId == id).Body);
        return got.RootElement.GetProperty("data").GetRawText();
    }

    public Task<DeliveryDetails> DeliveryAsync(DeliveryStatus? status = null) => App.DeliveryAsync(_newest, d => status is null || d.Status == status);

    /// <summary>What the newest delivery says was unknown.</summary>
    public async Task<IReadOnlyList<string>> UnknownAsync() => (await DeliveryAsync()).Unknown;

    public async Task PutAsync(string kind, string records)
    {
        using var answer = await App.Http.PutAsync($"/v3/directory/{kind}", new StringContent(records));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task EditAsync(DirectoryKind kind, long id, params (string, string?)[] facts) =>
        Assert.True(await App.Services.GetRequiredService<DirectoryStore>().SaveAsync(RunningApp.OrgId, kind, Some.Fact(kind, id, facts), isNew: false, Some.Actor));

    public async Task ImportAsync(DirectoryKind kind, string csv)
    {
        var incoming = App.Services.GetRequiredService<ImportFiles>().Incoming();
        await File.WriteAllTextAsync(incoming, csv);
        var store = App.Services.GetRequiredService<ImportStore>();
        var job = await store.AddAsync(RunningApp.OrgId, new NewImport(kind, "file.csv", ImportFormat.Csv, null, false, false), incoming, Some.Actor);
        await Eventually.HoldsAsync(async () => (await store.FindAsync(RunningApp.OrgId, job.Id))!.HasEnded, () => "the import");
    }

    /// <summary>The record as the API tells it; null where there is none.</summary>
    public async Task<JsonElement?> RecordAsync(string kind, long id)
    {
        using var answer = await App.Http.GetAsync($"/v3/directory/{kind}/{id}");
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("data") : null;
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Receiver.DisposeAsync();
    }
}
