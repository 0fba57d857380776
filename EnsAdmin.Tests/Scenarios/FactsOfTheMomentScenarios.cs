using System.Text.Json;
using EnsAdmin.Activity;
using EnsAdmin.Data;
using EnsAdmin.Directories;
using EnsAdmin.Dispatch;
using EnsAdmin.Domain;
using EnsAdmin.Enrichment;
using EnsAdmin.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>An event that waits is sent with what the directory knew when it came in, whatever has become of that since.</summary>
public sealed class FactsOfTheMomentScenarios
{
    private const string Data = """{"customerIdentifiers":{"customerId":42},"enteredBy":{"id":77}}""";
    private const string Then = """
        {"customerIdentifiers":{"customerId":42,"instore":{"id":9001,"mobile":"919812345678","email":"ada@example.com","externalId":"CRM-42"}},"enteredBy":{"id":77,"till":{"code":"T1","name":"Till \"1\""},"store":{"id":8841,"code":"HC-01","name":"Old Harbour","externalId":"S-8841","externalId2":"West"}}}
        """;

    private static readonly object Settings = new { tillDetailsEnrichmentEnabled = true, storeDetailsEnrichmentEnabled = true, customerIdentifiersToBeEnriched = new[] { "Instore" }, maxAllowedConnections = 1 };
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("an import", "\"Imported\"")]
    [InlineData("a call", "\"Called\"")]
    [InlineData("a person", "\"Edited\"")]
    [InlineData("an event", "\"919000000000\"")]
    [InlineData("a till that moves", "\"HC-02\"")]
    [InlineData("deletions", "{\"customerIdentifiers\":{\"customerId\":42},\"enteredBy\":{\"id\":77}}")]
    [InlineData("a customer who is deleted", "{\"customerIdentifiers\":{\"customerId\":42},\"enteredBy\"")]
    [InlineData("all of them", "\"Imported\"")]
    public async Task A_change_shows_in_what_comes_after_it_and_not_in_what_waits(string change, string after)
    {
        await using var world = await EnrichedWorld.StartAsync();
        var open = Hold(world.Receiver);
        var webhook = await world.WebhookAsync(Settings, "transactionAdded");
        await PublishAsync(world, "first");
        await world.Receiver.ReceivedAsync(1); // It has the only connection.
        await PublishAsync(world, "before");
        var log = world.App.Services.GetRequiredService<DeliveryLog>();
        var waiting = (await log.PageAsync(RunningApp.OrgId, webhook, cancel: Cancel)).Rows[0].Id;

        string[] changes = change == "all of them" ? ["a call", "a till that moves", "a person", "an event", "a customer who is deleted", "deletions", "an import"] : [change];
        foreach (var one in changes) await ChangeAsync(world, one);
        await PublishAsync(world, "after");
        var shown = (await log.FindAsync(RunningApp.OrgId, webhook, waiting, Cancel))!;
        open.SetResult();
        await world.Receiver.WhenAsync(() => world.Receiver.Calls.Any(c => c.EventId == "after"), "the last call");

        var calls = world.Receiver.Calls.ToDictionary(c => c.EventId);
        Assert.Equal(Then.Trim(), Sent(calls["first"]));
        Assert.Equal(Then.Trim(), Sent(calls["before"]));
        Assert.Equal(calls["before"].Text, shown.Body);
        Assert.Contains(after, Sent(calls["after"]), StringComparison.Ordinal);
        await MadeAsync(world);

        static string Sent(ReceivedCall call) => JsonElement.Parse(call.Body).GetProperty("data").GetRawText();
    }

    [Fact]
    public async Task What_was_unknown_stays_so_for_what_waits_though_it_is_known_by_then()
    {
        await using var world = await EnrichedWorld.StartAsync();
        var open = Hold(world.Receiver);
        var webhook = await world.WebhookAsync(Settings, "transactionAdded");
        await PublishAsync(world, "first");
        await world.Receiver.ReceivedAsync(1);
        await PublishAsync(world, "before", """{"customerIdentifiers":{"customerId":43},"enteredBy":{"id":78}}""");
        await world.PutAsync("tills", """[{"tillId":78,"code":"T2","name":"Till 2","storeId":8841}]""");
        await world.PutAsync("customers", """[{"customerId":43,"instore":{"mobile":"911"}}]""");
        var log = world.App.Services.GetRequiredService<DeliveryLog>();
        var waiting = (await log.PageAsync(RunningApp.OrgId, webhook, cancel: Cancel)).Rows[0].Id;
        string[] unknown = ["till 78 unknown", "customer 43 unknown"];
        Assert.Equal(unknown, (await log.FindAsync(RunningApp.OrgId, webhook, waiting, Cancel))!.Unknown);
        open.SetResult();
        await MadeAsync(world);

        var sent = (await log.FindAsync(RunningApp.OrgId, webhook, waiting, Cancel))!;
        Assert.Null(sent.OriginalBody);
        Assert.Equal(unknown, sent.Unknown);
        Assert.Equal(sent.Body, world.Receiver.Calls[1].Text);
    }

    [Fact]
    public async Task Who_is_forgotten_with_their_payloads_is_masked_in_what_waits()
    {
        await using var world = await EnrichedWorld.StartAsync();
        var open = Hold(world.Receiver);
        await world.WebhookAsync(Settings, "transactionAdded");
        await PublishAsync(world, "first", """{"customerIdentifiers":{"customerId":3},"enteredBy":{"id":77}}""");
        await world.Receiver.ReceivedAsync(1);
        // About somebody else with the same number, which only enrichment adds to it.
        await world.PutAsync("customers", """[{"customerId":44,"instore":{"mobile":"919812345678","email":"bo@example.com"}}]""");
        await PublishAsync(world, "shared", """{"customerIdentifiers":{"customerId":44},"enteredBy":{"id":77}}""");
        foreach (var i in Enumerable.Range(0, 3)) await PublishAsync(world, $"waits-{i}");

        Assert.Equal(4, await world.App.Services.GetRequiredService<DirectoryStore>().ForgetAsync(RunningApp.OrgId, 42, true, Some.Actor, cancel: Cancel));
        await using (var db = world.App.Services.GetRequiredService<EnsContexts>().Of(RunningApp.OrgId)) Assert.Equal(0, await db.EarlierRecords.CountAsync(r => r.RecordId == 42, Cancel));
        open.SetResult();

        var calls = await world.Receiver.ReceivedAsync(5);
        Assert.Contains("\"mobile\":\"***\",\"email\":\"bo@example.com\"", calls.Single(c => c.EventId == "shared").Text);
        Assert.All(calls.Where(c => c.EventId.StartsWith("waits", StringComparison.Ordinal)), c =>
        {
            Assert.Contains("\"mobile\":\"***\"", c.Text);
            Assert.Contains("\"code\":\"T1\"", c.Text);
            Assert.DoesNotContain("9198", c.Text);
        });
    }

    [Fact]
    public async Task What_waits_long_is_made_and_keeps_nothing_any_more_and_is_replayed_as_it_was_when_it_expired_untried()
    {
        await using var receiver = await Receiver.StartAsync();
        var open = Hold(receiver);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        await PutTillAsync(app, "T1");
        var webhook = await TillsWebhookAsync(app, receiver.Url);
        await app.PublishAcceptedAsync(Message("tried", """{"enteredBy":{"id":77}}"""));
        await receiver.ReceivedAsync(1);
        await app.PublishAcceptedAsync(Message("untried", """{"enteredBy":{"id":77}}"""));
        await app.SetActiveAsync(webhook, false);
        open.SetResult();
        await app.LogAsync(webhook, log => log.Any(r => r.Status == DeliveryStatus.Delivered));
        await PutTillAsync(app, "T2");
        Assert.Equal(1, await CountAsync(app, db => db.EarlierRecords));

        var payloads = app.Services.GetRequiredService<WaitingPayloads>();
        await payloads.MakeOldAsync(Cancel); // Has just come in.
        await payloads.MakeOldAsync(Cancel);
        await app.Services.GetRequiredService<Retention>().DropEarlierRecordsAsync(Cancel);
        Assert.Equal(0, await CountAsync(app, db => db.EarlierRecords));
        Assert.Equal(0, await CountAsync(app, db => db.Deliveries.Where(d => d.ToEnrich)));
        await PutTillAsync(app, "T3");
        Assert.Equal(0, await CountAsync(app, db => db.EarlierRecords));

        time.Advance(TimeSpan.FromHours(25));
        var expired = await app.DeliveryAsync(webhook, DeliveryStatus.Expired);
        Assert.Equal(("untried", 0), (expired.EventId, expired.Attempts.Count));
        Assert.Contains("\"code\":\"T1\"", expired.Body);
        await app.SetActiveAsync(webhook, true);
        using var replay = await app.Http.PostAsync($"/v3/deliveries/{expired.Id}/replay", null, Cancel);
        Assert.True(replay.IsSuccessStatusCode);
        await receiver.WhenAsync(() => receiver.Calls.Any(c => c.EventId == "untried"), "the replay");
        Assert.Equal(expired.Body, receiver.Calls.First(c => c.EventId == "untried").Text);
    }

    [Fact]
    public async Task Webhooks_that_ask_for_the_same_get_the_same_also_when_one_lags()
    {
        await using var world = await EnrichedWorld.StartAsync();
        var open = new TaskCompletionSource();
        world.Receiver.Answer = async (_, http) =>
        {
            if (http.Request.Path == "/slow") await open.Task.WaitAsync(http.RequestAborted);
            await Receiver.Status(http, 200);
        };
        await world.WebhookAsync(Settings, "transactionAdded");
        var slow = await world.WebhookAsync(new { tillDetailsEnrichmentEnabled = true, storeDetailsEnrichmentEnabled = true, customerIdentifiersToBeEnriched = new[] { "Instore" }, maxAllowedConnections = 1, webHookUrl = world.Receiver.Url + "/slow" }, "transactionAdded");
        string[] events = ["known", "nothing to add", "unknown"];
        string[] data = [Data, """{"customerIdentifiers":{"customerId":42,"instore":{"id":1,"mobile":"2","email":"3","externalId":"4"}}}""", """{"customerIdentifiers":{"customerId":43}}"""];
        await PublishAsync(world, "first");
        foreach (var (id, own) in events.Zip(data)) await PublishAsync(world, id, own);
        await world.Receiver.WhenAsync(() => world.Receiver.Calls.Count(c => c.Path == "/") == 4, "the quick ones");
        await world.PutAsync("customers", """[{"customerId":42,"instore":{"mobile":"later"}},{"customerId":43,"instore":{"mobile":"later"}}]""");
        await world.PutAsync("tills", """[{"tillId":77,"code":"later"}]""");
        open.SetResult();
        await world.Receiver.WhenAsync(() => world.Receiver.Calls.Count(c => c.Path == "/slow") == 4, "the slow ones");

        Assert.All(events.Append("first"), id => Assert.Single(world.Receiver.Calls.Where(c => c.EventId == id).Select(c => c.Text).Distinct()));
        Assert.DoesNotContain(world.Receiver.Calls, c => c.Text.Contains("later", StringComparison.Ordinal));
        await MadeAsync(world);
        Assert.NotNull(slow);
    }

    [Fact]
    public async Task A_payload_that_cannot_be_made_holds_up_no_other_and_is_made_when_it_can_be()
    {
        await using var receiver = await Receiver.StartAsync();
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        using (var customers = await app.Http.PutAsync("/v3/directory/customers", new StringContent("""[{"customerId":42,"instore":{"mobile":"911"}},{"customerId":43,"instore":{"mobile":"912"}}]"""), Cancel)) Assert.True(customers.IsSuccessStatusCode);
        using (var created = await app.Http.PostAsync("/v3/webHooks", new StringContent($$"""{"name":"broken","webHookUrl":"{{receiver.Url}}","maxAllowedConnections":5,"eventNames":["transactionAdded"],"customerIdentifiersToBeEnriched":["Instore"]}"""), Cancel)) Assert.True(created.IsSuccessStatusCode);
        await FactsAsync("{broken");
        await app.PublishAcceptedAsync($"[{Message("broken", """{"customerIdentifiers":{"customerId":42}}""")},{Message("whole", """{"customerIdentifiers":{"customerId":43}}""")}]");
        Assert.Contains("\"mobile\":\"912\"", (await receiver.ReceivedAsync(1)).Single().Text);
        var webhook = await app.WebhookIdAsync("broken");
        var rows = await app.LogAsync(webhook, log => log.Any(r => r is { EventId: "broken", Attempts: > 0 }));
        var row = rows.Single(r => r.EventId == "broken");
        Assert.Equal(DeliveryStatus.ReplayScheduled, row.Status);
        Assert.StartsWith("Not sent: EnsAdmin could not prepare the call", row.Reason, StringComparison.Ordinal);
        var shown = (await app.Services.GetRequiredService<DeliveryLog>().FindAsync(RunningApp.OrgId, webhook, row.Id, Cancel))!;
        Assert.Equal(["the payload can't be made at the moment; this is the event as it came"], shown.Unknown);

        await FactsAsync("""{"Mobile":"913"}""");
        time.Advance(row.DueAt - time.GetUtcNow());
        Assert.Contains("\"mobile\":\"913\"", (await receiver.ReceivedAsync(2))[1].Text);

        async Task FactsAsync(string facts)
        {
            await using var database = new SqliteConnection(app.Services.GetRequiredService<DataDirectory>().ConnectionString);
            await database.OpenAsync(Cancel);
            await using var command = new SqliteCommand($"UPDATE Customers SET Facts = '{facts}' WHERE CustomerId = 42", database);
            Assert.Equal(1, await command.ExecuteNonQueryAsync(Cancel));
        }
    }

    [Fact]
    public async Task A_start_makes_what_waited_of_what_was_known_before_it()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, http) => Task.Delay(Timeout.Infinite, http.RequestAborted);
        var directory = Directory.CreateTempSubdirectory("ens-test").FullName;
        try
        {
            await using (var first = RunningApp.Start(null, directory, ("Ens:Delivery:ShutdownGrace", "00:00:00")))
            {
                await PutTillAsync(first, "T1");
                await TillsWebhookAsync(first, receiver.Url);
                foreach (var id in new[] { "in flight", "waits" }) await first.PublishAcceptedAsync(Message(id, """{"enteredBy":{"id":77}}"""));
                await receiver.ReceivedAsync(1);
                await PutTillAsync(first, "T2");
                await first.StopAsync();
            }

            receiver.Answer = (_, http) => Receiver.Status(http, 200);
            await using var second = RunningApp.Start(null, directory);
            await PutTillAsync(second, "T3");
            var calls = await receiver.ReceivedAsync(3);
            Assert.All(calls, c => Assert.Contains("\"till\":{\"code\":\"T1\",\"name\":\"Till\"}", c.Text));
            Assert.Single(calls.Where(c => c.EventId == "in flight").Select(c => c.Text).Distinct());
            await second.StopAsync();
        }
        finally
        {
            Directory.Delete(directory, true);
        }
    }

    /// <summary>Lets no call end before it is told to.</summary>
    private static TaskCompletionSource Hold(Receiver receiver)
    {
        var open = new TaskCompletionSource();
        receiver.Answer = async (_, http) =>
        {
            await open.Task.WaitAsync(http.RequestAborted);
            await Receiver.Status(http, 200);
        };
        return open;
    }

    private static async Task ChangeAsync(EnrichedWorld world, string change)
    {
        switch (change)
        {
            case "an import":
                await world.ImportAsync(DirectoryKind.Stores, "storeId,name\n8841,Imported\n");
                await world.ImportAsync(DirectoryKind.Tills, "tillId,code,name,storeId\n77,T1,Till,8841\n");
                break;
            case "a call":
                await world.PutAsync("stores", """[{"storeId":8841,"name":"Called"}]""");
                break;
            case "a person":
                await world.EditAsync(DirectoryKind.Tills, 77, ("name", "Edited"));
                break;
            case "an event":
                await world.App.PublishAcceptedAsync("""{"eventName":"customerAdded","eventId":"teaches","refId":"r","data":{"customerIdentifiers":{"customerId":42,"instore":{"mobile":"919000000000"}},"enteredBy":{"id":77,"till":{"code":"learned"}}}}""");
                break;
            case "a till that moves":
                await world.PutAsync("stores", """[{"storeId":8842,"code":"HC-02","name":"New Harbour"}]""");
                await world.PutAsync("tills", """[{"tillId":77,"storeId":8842}]""");
                break;
            case "a customer who is deleted":
                await world.App.PublishAcceptedAsync("""{"eventName":"customerUpdated","eventId":"deletes","refId":"r","data":{"customerIdentifiers":{"customerId":42},"customerStatus":{"currentStatus":"DELETED"}}}""");
                break;
            case "deletions":
                foreach (var path in new[] { "customers/42", "tills/77", "stores/8841" }) using (await world.App.Http.DeleteAsync($"/v3/directory/{path}", Cancel)) { }
                break;
        }
    }

    /// <summary>All is sent, and nothing is kept for it any more.</summary>
    private static async Task MadeAsync(EnrichedWorld world)
    {
        await Eventually.HoldsAsync(async () =>
        {
            await using var db = world.App.Services.GetRequiredService<EnsContexts>().Of(RunningApp.OrgId);
            return await db.Deliveries.AllAsync(d => d.Status == DeliveryStatus.Delivered && !d.ToEnrich, Cancel);
        }, () => "all delivered");
        await world.App.Services.GetRequiredService<Retention>().DropEarlierRecordsAsync(Cancel);
        await using var after = world.App.Services.GetRequiredService<EnsContexts>().Of(RunningApp.OrgId);
        Assert.Equal(0, await after.EarlierRecords.CountAsync(Cancel));
    }

    private static Task PublishAsync(EnrichedWorld world, string eventId, string data = Data) => world.App.PublishAcceptedAsync(Message(eventId, data));

    private static string Message(string eventId, string data) => $"{{\"eventName\":\"transactionAdded\",\"eventId\":\"{eventId}\",\"refId\":\"r\",\"createdAt\":1600000000000,\"data\":{data}}}";

    private static async Task PutTillAsync(RunningApp app, string code)
    {
        using var answer = await app.Http.PutAsync("/v3/directory/tills", new StringContent($$"""[{"tillId":77,"code":"{{code}}","name":"Till"}]"""), Cancel);
        Assert.True(answer.IsSuccessStatusCode);
    }

    /// <summary>A webhook with one connection that asks for tills.</summary>
    private static async Task<string> TillsWebhookAsync(RunningApp app, string url)
    {
        using var created = await app.Http.PostAsync("/v3/webHooks", new StringContent($$"""{"name":"tills","webHookUrl":"{{url}}","maxAllowedConnections":1,"eventNames":["transactionAdded"],"tillDetailsEnrichmentEnabled":true}"""), Cancel);
        Assert.True(created.IsSuccessStatusCode);
        return await app.WebhookIdAsync("tills");
    }

    private static async Task<int> CountAsync<T>(RunningApp app, Func<EnsDbContext, IQueryable<T>> rows)
    {
        await using var db = app.Services.GetRequiredService<EnsContexts>().Of(RunningApp.OrgId);
        return await rows(db).CountAsync(Cancel);
    }
}
