using System.Text;
using System.Text.Json;
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
    public async Task Who_is_not_known_cannot_be_forgotten()
    {
        await using var app = RunningApp.Start();
        Assert.Null(await app.Services.GetRequiredService<DirectoryStore>().ForgetAsync(Org, 42, true, Some.Actor, cancel: Cancel));
    }

    private static async Task SaveAsync(DirectoryStore store, long id, params (string, string?)[] facts) =>
        Assert.True(await store.SaveAsync(Org, DirectoryKind.Customers, Some.Fact(DirectoryKind.Customers, id, facts), isNew: true, Some.Actor, Cancel));

    private static Task PublishAsync(RunningApp app, string eventId, string data) => app.PublishAcceptedAsync($$"""{"eventName":"customerAdded","eventId":"{{eventId}}","refId":"1655_42","data":{{data}}}""");
}
