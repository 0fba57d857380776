using System.Text;
using System.Text.Json;
using EnsAdmin.Activity;
using EnsAdmin.Catalog;
using EnsAdmin.Data;
using EnsAdmin.Directories;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>What stays of a customer who is to be forgotten: nothing but the number, and that it is not to be learned again.</summary>
public sealed class ForgetScenarios
{
    private const int Org = RunningApp.OrgId;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Forgetting_takes_the_record_and_by_choice_the_identifiers_in_stored_payloads(bool mask)
    {
        await using var app = RunningApp.Start();
        await using var receiver = await Receiver.StartAsync();
        var webhook = await app.CreateWebhookAsync(receiver.Url, events: "customerAdded");
        var store = app.Services.GetRequiredService<DirectoryStore>();
        await SaveAsync(store, 42, ("instore.mobile", "919812345678"), ("instore.email", "ada@example.com"), ("instore.externalId", "42"));
        await SaveAsync(store, 43, ("instore.mobile", "919800000000"));
        await PublishAsync(app, "mine", """{"customerIdentifiers":{"customerId":42,"instore":{"mobile":"919812345678","email":"ADA@example.com","externalId":"42"}}}""");
        await PublishAsync(app, "other", """{"customerIdentifiers":{"customerId":43,"instore":{"mobile":"919800000000","externalId":"42"}}}""");
        await PublishAsync(app, "about", """{"customerIdentifiers":{"customerId":43},"customFields":[{"key":"friend","value":"919812345678"}]}""");
        await receiver.ReceivedAsync(3);

        Assert.Equal(mask ? 2 : 0, await store.ForgetAsync(Org, 42, mask, Some.Actor, cancel: Cancel));

        Assert.Null(await store.FindAsync(Org, DirectoryKind.Customers, 42, Cancel));
        Assert.Empty((await store.SearchAsync(Org, DirectoryKind.Customers, "ada@example.com", 10, Cancel)).Records);
        Assert.NotNull(await store.FindAsync(Org, DirectoryKind.Customers, 43, Cancel));
        await using var db = app.Services.GetRequiredService<EnsContexts>().Of(Org);
        var bodies = await db.EventMessages.ToDictionaryAsync(e => e.EventId, e => Encoding.UTF8.GetString(e.Body), Cancel);
        Assert.Equal(mask, bodies["mine"].Contains("""{"customerId":42,"instore":{"mobile":"***","email":"***","externalId":"***"}}""", StringComparison.Ordinal));
        Assert.Equal(!mask, bodies["mine"].Contains("919812345678", StringComparison.Ordinal));
        Assert.Contains("\"externalId\":\"42\"", bodies["other"]); // Too short to be told apart from somebody else's.
        Assert.Equal(mask, bodies["about"].Contains("\"value\":\"***\"", StringComparison.Ordinal));
        Assert.Equal(mask ? ["about", "mine"] : [], await db.EventMessages.Where(e => e.MaskedAt != null).Select(e => e.EventId).Order().ToListAsync(Cancel));
        var entry = await db.AuditEntries.OrderBy(a => a.Id).LastAsync(Cancel);
        Assert.Equal(("customer.forgotten", "customer 42"), (entry.Action, entry.Subject));
        Assert.DoesNotContain(await db.AuditEntries.Select(a => a.Before + a.After).ToListAsync(Cancel), text => text is not null && (text.Contains("9198", StringComparison.Ordinal) || text.Contains("ada@", StringComparison.OrdinalIgnoreCase)));
        Assert.NotNull(webhook);
    }

    [Fact]
    public async Task The_number_of_the_InStore_profile_is_masked_where_it_stands_also_in_what_enrichment_made()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.WebhookAsync(new { customerIdentifiersToBeEnriched = new[] { "Instore" } }, "transactionAdded");
        await world.PublishAsync("transactionAdded", """{"amount":9001,"customerIdentifiers":{"customerId":42,"instore":{"mobile":"919812345678"},"wechat":{"accounts":[]}}}""");
        await world.PublishAsync("transactionAdded", """{"amount":9001,"customerIdentifiers":{"customerId":43,"instore":{"externalId":"CRM-43","id":9001}}}""");
        await world.DeliveryAsync(DeliveryStatus.Delivered);

        Assert.Equal(3, await world.App.Services.GetRequiredService<DirectoryStore>().ForgetAsync(Org, 42, true, Some.Actor, cancel: Cancel));

        await using var db = world.App.Services.GetRequiredService<EnsContexts>().Of(Org);
        Assert.Equal(["""{"amount":9001,"customerIdentifiers":{"customerId":42,"instore":{"mobile":"***","id":0,"email":"***","externalId":"***"},"wechat":{"accounts":[]}}}"""], (await db.EnrichedBodies.Where(b => b.Body != null).ToListAsync(Cancel)).Select(b => Data(b.Body!)));
        Assert.Equal(["""{"amount":9001,"customerIdentifiers":{"customerId":42,"instore":{"mobile":"***"},"wechat":{"accounts":[]}}}""", """{"amount":9001,"customerIdentifiers":{"customerId":43,"instore":{"externalId":"CRM-43","id":0}}}"""],
            (await db.EventMessages.OrderBy(e => e.Id).ToListAsync(Cancel)).Select(e => Data(e.Body)));
        Assert.All(await db.EventMessages.ToListAsync(Cancel), e => Assert.NotNull(e.MaskedAt));
        var catalog = world.App.Services.GetRequiredService<EventCatalog>();
        Assert.All(await db.EventMessages.ToListAsync(Cancel), e => Assert.Empty(catalog.Validate("transactionAdded", JsonElement.Parse(e.Body))));

        static string Data(byte[] body) => JsonElement.Parse(body).GetProperty("data").GetRawText();
    }

    [Fact]
    public async Task A_masked_payload_keeps_what_was_added_to_it_also_when_a_second_customer_is_forgotten()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.WebhookAsync(new { customerIdentifiersToBeEnriched = new[] { "Instore" }, tillDetailsEnrichmentEnabled = true }, "transactionAdded");
        await world.PublishAsync("transactionAdded", """{"customerIdentifiers":{"customerId":43,"instore":{"email":"b@example.com"}},"enteredBy":{"id":77},"referrer":{"customerId":42,"instore":{"email":"a@example.com"}}}""", createdAt: 1600000000000);
        await world.DeliveryAsync(DeliveryStatus.Delivered);
        using (var added = await world.App.Http.PutAsync("/v3/directory/customers", new StringContent("""[{"customerId":43,"instore":{"email":"b@example.com"}}]"""), Cancel)) Assert.True(added.IsSuccessStatusCode);

        await world.App.Services.GetRequiredService<DirectoryStore>().ForgetAsync(Org, 43, true, Some.Actor, cancel: Cancel);
        Assert.Equal(["***", "a@example.com"], await EmailsAsync());
        await world.App.Services.GetRequiredService<DirectoryStore>().ForgetAsync(Org, 42, true, Some.Actor, cancel: Cancel);
        Assert.Equal(["***", "***"], await EmailsAsync());

        async Task<string?[]> EmailsAsync()
        {
            await using var db = world.App.Services.GetRequiredService<EnsContexts>().Of(Org);
            var delivery = await world.App.Services.GetRequiredService<DeliveryLog>().FindAsync(Org, null, (await db.Deliveries.SingleAsync(Cancel)).Id, Cancel);
            var sent = JsonElement.Parse(delivery!.Body).GetProperty("data");
            Assert.Equal("T1", sent.GetProperty("enteredBy").GetProperty("till").GetProperty("code").GetString());
            return [.. ((string[])["customerIdentifiers", "referrer"]).Select(name => sent.GetProperty(name).GetProperty("instore").GetProperty("email").GetString())];
        }
    }

    [Fact]
    public async Task Names_and_what_was_before_an_update_are_masked_where_the_customer_is_meant()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.WebhookAsync(new { customerIdentifiersToBeEnriched = new[] { "Instore" } }, "customerUpdated");
        const string data = """{"customerIdentifiers":{"customerId":42},"firstName":"Ada","lastName":"L","updatedFields":[{"fieldName":"mobile","previousValue":"911","currentValue":"new"}],"customFields":[{"fieldName":"x","previousValue":"kept"}]}""";
        await world.PublishAsync("customerUpdated", data);
        await world.PublishAsync("customerUpdated", data.Replace(":42}", ":43}", StringComparison.Ordinal));
        await world.PublishAsync("customerUpdated", data.Replace(":42}", ":42.0}", StringComparison.Ordinal));
        await world.PublishAsync("customerUpdated", data.Replace(":42}", ":4.2e1}", StringComparison.Ordinal));
        await world.DeliveryAsync(DeliveryStatus.Delivered);

        Assert.Equal(6, await world.App.Services.GetRequiredService<DirectoryStore>().ForgetAsync(Org, 42, true, Some.Actor, cancel: Cancel));

        const string masked = ""","firstName":"***","lastName":"***","updatedFields":[{"fieldName":"mobile","previousValue":"***","currentValue":"***"}],"customFields":[{"fieldName":"x","previousValue":"kept"}]}""";
        await using var db = world.App.Services.GetRequiredService<EnsContexts>().Of(Org);
        Assert.Equal(3, (await db.EnrichedBodies.Where(b => b.Body != null).ToListAsync(Cancel)).Count(b => Encoding.UTF8.GetString(b.Body!).Contains(masked, StringComparison.Ordinal)));
        var events = (await db.EventMessages.OrderBy(e => e.Id).ToListAsync(Cancel)).Select(e => Encoding.UTF8.GetString(e.Body)).ToList();
        Assert.Contains(masked, events[0]);
        Assert.Contains("\"firstName\":\"Ada\"", events[1]);
        Assert.Contains(masked, events[2]);
        Assert.Contains(masked, events[3]);
    }

    [Fact]
    public async Task What_a_payload_says_of_the_customer_is_masked_also_where_it_was_known_otherwise_by_then()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.WebhookAsync(new { customerIdentifiersToBeEnriched = new[] { "Instore", "WeChat" }, cardNumberEnrichmentEnabled = true }, "transactionAdded");
        await world.PublishAsync("transactionAdded", """
            {"customFields":[{"key":"a","value":"+919812345678"},{"key":"b","value":"call 919812345678 first"},{"key":"c","value":"x919812345678"}],
            "customerIdentifiers":{"instore":{"mobile":"910000000001","cardnumber":"620099"},"facebook":{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"fbid","identifierValue":"ada.l"}]}]},"customerId":42},
            "other":{"customerId":43,"instore":{"mobile":"910000000002"}},"mine":{"customerId":42,"store":{"externalId":"S-1"},"more":{"instore":{"email":"ada@former.example"}}}}
            """, createdAt: 1600000000000); // Too old to teach anything.
        await world.DeliveryAsync(DeliveryStatus.Delivered);
        using (var changed = await world.App.Http.PutAsync("/v3/directory/customers", new StringContent("""[{"customerId":42,"instore":{"email":"new@example.com"}}]"""), Cancel)) Assert.True(changed.IsSuccessStatusCode);

        await world.App.Services.GetRequiredService<DirectoryStore>().ForgetAsync(Org, 42, true, Some.Actor, cancel: Cancel);

        await using var db = world.App.Services.GetRequiredService<EnsContexts>().Of(Org);
        var bodies = (await db.EventMessages.Select(e => e.Body).ToListAsync(Cancel)).Concat(await db.EnrichedBodies.Where(b => b.Body != null).Select(b => b.Body!).ToListAsync(Cancel)).Select(Encoding.UTF8.GetString).ToList();
        Assert.Equal(2, bodies.Count);
        Assert.All(bodies, body =>
        {
            foreach (var gone in (string[])["+919812345678", "call 919812345678", "910000000001", "620099", "ada.l", "example.com", "former.example"]) Assert.DoesNotContain(gone, body);
            foreach (var kept in (string[])["\"x919812345678\"", "\"910000000002\"", "\"accountId\":\"hc\"", "\"identifierType\":\"fbid\",\"identifierValue\":\"***\"", "\"customerId\":42", "\"externalId\":\"S-1\""]) Assert.Contains(kept, body);
        });
    }

    [Fact]
    public async Task Who_stands_beside_the_customer_keeps_his_name_and_what_is_masked_is_not_masked_again()
    {
        await using var app = RunningApp.Start();
        var store = app.Services.GetRequiredService<DirectoryStore>();
        await SaveAsync(store, 42, ("instore.mobile", "919812345678"));
        await PublishAsync(app, "group", """{"primaryMember":{"firstName":"Ada","customerIdentifiers":{"customerId":42,"instore":{"email":"a@x.example"}}},"memberAdded":{"firstName":"Bob","customerIdentifiers":{"customerId":43,"instore":{"email":"b@x.example"}}}}""");

        Assert.Equal(1, await store.ForgetAsync(Org, 42, true, Some.Actor, cancel: Cancel));
        await SaveAsync(store, 42, ("instore.mobile", "919812345678"));
        Assert.Equal(0, await store.ForgetAsync(Org, 42, true, Some.Actor, cancel: Cancel));

        await using var db = app.Services.GetRequiredService<EnsContexts>().Of(Org);
        Assert.Equal("""{"primaryMember":{"firstName":"***","customerIdentifiers":{"customerId":42,"instore":{"email":"***"}}},"memberAdded":{"firstName":"Bob","customerIdentifiers":{"customerId":43,"instore":{"email":"b@x.example"}}}}""",
            JsonElement.Parse((await db.EventMessages.SingleAsync(Cancel)).Body).GetProperty("data").GetRawText());
    }

    [Fact]
    public async Task The_envelope_is_masked_but_for_what_is_the_events_own()
    {
        await using var app = RunningApp.Start();
        await SaveAsync(app.Services.GetRequiredService<DirectoryStore>(), 42, ("instore.mobile", "919812345678"), ("instore.externalId", "1655_42"));
        await app.PublishAcceptedAsync("""{"eventName":"customerAdded","eventId":"919812345678","refId":"1655_42","eventSearchKey":"919812345678","traceAttributes":{"mobile":"919812345678"},"data":{"customerIdentifiers":{"customerId":42}}}""");

        Assert.Equal(1, await app.Services.GetRequiredService<DirectoryStore>().ForgetAsync(Org, 42, true, Some.Actor, cancel: Cancel));

        await using var db = app.Services.GetRequiredService<EnsContexts>().Of(Org);
        var body = JsonElement.Parse((await db.EventMessages.SingleAsync(Cancel)).Body);
        Assert.Equal(("919812345678", "1655_42", "***", "***"), (body.GetProperty("eventId").GetString(), body.GetProperty("refId").GetString(), body.GetProperty("eventSearchKey").GetString(), body.GetProperty("traceAttributes").GetProperty("mobile").GetString()));
    }

    [Fact]
    public async Task Who_is_not_known_cannot_be_forgotten_but_masked_by_id()
    {
        await using var app = RunningApp.Start();
        var store = app.Services.GetRequiredService<DirectoryStore>();
        Assert.Null(await store.ForgetAsync(Org, 42, false, Some.Actor, cancel: Cancel));
        await PublishAsync(app, "teaches", """{"customerIdentifiers":{"customerId":42,"instore":{"mobile":"919812345678"}}}""");
        await PublishAsync(app, "another's", """{"customerIdentifiers":{"customerId":43,"instore":{"mobile":"919812345679"}}}""");
        await app.PublishAcceptedAsync("""{"eventName":"customerUpdated","eventId":"deletes","refId":"r","data":{"customerIdentifiers":{"customerId":42},"customerStatus":{"currentLabel":"PII_DELETED"}}}""");
        Assert.Null(await store.FindAsync(Org, DirectoryKind.Customers, 42, Cancel));

        Assert.Equal(1, await store.ForgetAsync(Org, 42, true, Some.Actor, cancel: Cancel));

        await using var db = app.Services.GetRequiredService<EnsContexts>().Of(Org);
        var bodies = await db.EventMessages.ToDictionaryAsync(e => e.EventId, e => Encoding.UTF8.GetString(e.Body), Cancel);
        Assert.Contains("\"mobile\":\"***\"", bodies["teaches"]);
        Assert.Contains("919812345679", bodies["another's"]);
        Assert.Equal("customer.forgotten", (await db.AuditEntries.OrderBy(a => a.Id).LastAsync(Cancel)).Action);
        await PublishAsync(app, "later", """{"customerIdentifiers":{"customerId":42,"instore":{"mobile":"911"}}}""");
        Assert.Null(await store.FindAsync(Org, DirectoryKind.Customers, 42, Cancel));
    }

    private static async Task SaveAsync(DirectoryStore store, long id, params (string, string?)[] facts) =>
        Assert.True(await store.SaveAsync(Org, DirectoryKind.Customers, Some.Fact(DirectoryKind.Customers, id, facts), isNew: true, Some.Actor, Cancel));

    private static Task PublishAsync(RunningApp app, string eventId, string data) => app.PublishAcceptedAsync($$"""{"eventName":"customerAdded","eventId":"{{eventId}}","refId":"1655_42","data":{{data}}}""");
}
