using System.Text.Json;
using EnsAdmin.Directories;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>What the directory learns from events that pass by, and what it forgets.</summary>
public sealed class LearningScenarios
{
    private const long Early = 1_700_000_000_000, Late = 1_750_000_000_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_teach_what_they_carry_without_any_webhook()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await SendAsync(world, "customerAdded", """
            {"enteredBy":{"id":91,"till":{"code":"T91","name":"Till 91"},"store":{"id":8900,"code":"HC-9","name":"Pier","externalId":"S-9","externalId1":""}},
             "customerIdentifiers":{"customerId":50,"instore":{"id":7,"mobile":"9155","email":"","cardnumber":"C1","cardexternalid":"X1","cardNumbers":["C1","C2"]},
              "web_engage":{"accounts":[{"accountId":"a","identifiers":[{"identifierType":"cuid","identifierValue":"w-1"}]}]}}}
            """, "first");
        var customer = (await world.RecordAsync("customers", 50))!.Value;
        Assert.Equal("""{"id":7,"mobile":"9155","cards":[{"number":"C1","externalId":"X1"},{"number":"C2"}]}""", customer.GetProperty("instore").GetRawText());
        Assert.Equal("""{"accounts":[{"accountId":"a","identifiers":[{"identifierType":"cuid","identifierValue":"w-1"}]}]}""", customer.GetProperty("web_engage").GetRawText());
        Assert.Equal(("learned", "customerAdded:first"), (customer.GetProperty("origins").GetProperty("instore.mobile").GetProperty("kind").GetString(), customer.GetProperty("origins").GetProperty("instore.mobile").GetProperty("by").GetString()));
        Assert.Equal(("T91", 8900), ((await world.RecordAsync("tills", 91))!.Value.GetProperty("code").GetString(), (await world.RecordAsync("tills", 91))!.Value.GetProperty("storeId").GetInt64()));
        var store = (await world.RecordAsync("stores", 8900))!.Value;
        Assert.Equal(("Pier", false), (store.GetProperty("name").GetString(), store.TryGetProperty("externalId1", out _)));

        await world.LearnAsync(false);
        await SendAsync(world, "customerUpdated", Mobile(51, "9177"));
        Assert.Null(await world.RecordAsync("customers", 51));
    }

    [Fact]
    public async Task Every_event_type_whose_payload_names_customers_teaches_all_of_them()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await SendAsync(world, "loyaltyCustomerMerge", """
            {"survivorCustomerIdentifiers":{"customerId":60,"instore":{"mobile":"960"}},"victimCustomerIdentifiers":{"customerId":61,"instore":{"mobile":"961"}},"survivorCustomerLoyaltySummary":[{"loyaltyProgramId":3,"currentPoints":12.5}]}
            """);
        await SendAsync(world, "CouponIssue", """{"coupons":[{"customerIdentifiers":{"customerId":62,"instore":{"mobile":"962"}}},{"customerIdentifiers":{"customerId":63,"instore":{"mobile":"963"}}}]}""");
        foreach (var id in new[] { 60, 61, 62, 63 }) Assert.Equal($"9{id}", await MobileAsync(world, id));
        Assert.Equal(12.5, (await world.RecordAsync("customers", 60))!.Value.GetProperty("availablePoints")[0].GetProperty("available").GetDouble());
    }

    [Fact]
    public async Task A_balance_that_an_event_brings_itself_counts_from_the_moment_it_names()
    {
        await using var world = await EnrichedWorld.StartAsync();
        Assert.Equal((60, Late), await ToldAsync("\"availablePointsBalance\":60", Late));
        Assert.Equal((60, Late), await ToldAsync($"\"availablePointsBalance\":50,\"availablePointsBalanceAt\":{Early}", Late + 2)); // Created later, but told before.
        Assert.Equal((70, Late + 1), await ToldAsync($"\"availablePointsBalance\":70,\"availablePointsBalanceAt\":{Late + 1}", Late + 3));
        Assert.Equal((80, Late + 4), await ToldAsync("\"availablePointsBalance\":80,\"availablePointsBalanceAt\":4000000000000", Late + 4)); // Nobody knows it yet.
        Assert.Equal((80, Late + 4), await ToldAsync("\"availablePointsBalance\":90,\"availablePointsBalanceAt\":9223372036854775807", Late));
        Assert.Equal((95, Late + 5), await ToldAsync($"\"programCurrentPoints\":95,\"availablePointsBalance\":10,\"availablePointsBalanceAt\":{Early}", Late + 5));

        async Task<(double, long)> ToldAsync(string says, long createdAt)
        {
            await SendAsync(world, "pointsIssued", $$$"""{"customerIdentifiers":{"customerId":42},"loyaltyProgramId":3,{{{says}}}}""", createdAt: createdAt);
            var known = Assert.Single((await world.RecordAsync("customers", 42))!.Value.GetProperty("availablePoints").EnumerateArray());
            return (known.GetProperty("available").GetDouble(), known.GetProperty("asOf").GetDateTimeOffset().ToUnixTimeMilliseconds());
        }
    }

    [Fact]
    public async Task The_newest_event_counts_and_an_empty_value_takes_nothing_away()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await SendAsync(world, "transactionAdded", Mobile(50, "late"), createdAt: Late);
        await SendAsync(world, "transactionAdded", Mobile(50, "early"), createdAt: Early);
        Assert.Equal("late", await MobileAsync(world, 50));
        await SendAsync(world, "transactionAdded", Mobile(50, ""), createdAt: Late + 1);
        Assert.Equal("late", await MobileAsync(world, 50));

        // A clock that is years ahead teaches no more than what came in now.
        await SendAsync(world, "transactionAdded", Mobile(50, "future"), createdAt: 4_000_000_000_000);
        await SendAsync(world, "transactionAdded", Mobile(50, "now"));
        Assert.Equal("now", await MobileAsync(world, 50));

        // What came first in an array is older than what came after it.
        await world.App.PublishAcceptedAsync($"[{Message("customerUpdated", Mobile(50, "one"), "a-1", Late)},{Message("customerUpdated", Mobile(52, "one"), "a-2", Late)},{Message("customerUpdated", Mobile(52, "two"), "a-3", Late)}]");
        Assert.Equal(("now", "two"), (await MobileAsync(world, 50), await MobileAsync(world, 52)));
    }

    [Fact]
    public async Task A_repeat_teaches_nothing_again_and_a_refused_request_nothing_at_all()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await SendAsync(world, "customerAdded", Mobile(50, "911"), "same");
        using (await world.App.Http.DeleteAsync("/v3/directory/customers/50", Cancel)) { }
        await SendAsync(world, "customerAdded", Mobile(50, "911"), "same");
        Assert.Null(await world.RecordAsync("customers", 50));
        using var refused = await world.App.PublishAsync($"[{Message("customerAdded", Mobile(53, "953"), "new", Late)},{Message("customerAdded", Mobile(54, "954"), "same", Late)}]");
        Assert.Equal(409, (int)refused.StatusCode);
        Assert.Null(await world.RecordAsync("customers", 53));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_an_update_says_is_current_counts_and_its_former_value_is_not_added(bool learns)
    {
        await using var world = await EnrichedWorld.StartAsync(learns);
        await world.PutAsync("customers", """[{"customerId":50,"instore":{"mobile":"602","email":"bo@example.com","externalId":"X"}}]""");
        await world.WebhookAsync(new { customerIdentifiersToBeEnriched = new[] { "Instore" } }, "customerUpdated");
        const string mobile = """{"fieldName":"mobile","previousValue":"602","currentValue":"699","fieldType":"StandardField","source":"INSTORE"}""", emptied = """{"fieldName":"email","previousValue":"bo@example.com","currentValue":""}""",
            elsewhere = """{"fieldName":"externalId","previousValue":"X","currentValue":"Y","source":"WECHAT"}""", extended = """{"fieldName":"externalId","currentValue":"Z","fieldType":"ExtendedField"}""";
        Assert.Equal(Updated("""{"customerId":50,"instore":{"mobile":"699","externalId":"X"}}"""), await world.PublishAsync("customerUpdated", Updated("""{"customerId":50}""")));
        Assert.Equal(Updated("""{"customerId":50,"instore":{"mobile":"602","externalId":"X"}}"""), await world.PublishAsync("customerUpdated", Updated("""{"customerId":50,"instore":{"mobile":"602"}}"""))); // By which it was found.

        // An empty value takes nothing away, and the past nothing of the present.
        await SendAsync(world, "customerUpdated", """{"customerIdentifiers":{"customerId":50},"updatedFields":[{"fieldName":"mobile","currentValue":"500","source":"InStore"}]}""", createdAt: Early);
        Assert.Equal($$"""{"mobile":"{{(learns ? 699 : 602)}}","email":"bo@example.com","externalId":"X"}""", (await world.RecordAsync("customers", 50))!.Value.GetProperty("instore").GetRawText());

        static string Updated(string customer) => $$"""{"customerIdentifiers":{{customer}},"updatedFields":[{{mobile}},{{emptied}},{{elsewhere}},{{extended}}]}""";
    }

    [Theory]
    [InlineData("""{"customerStatus":{"currentLabel":"Deleted"},""")]
    [InlineData("""{"customerStatus":{"currentStatus":"PII_DELETED","currentLabel":"gone"},""")]
    [InlineData("""{"updatedFields":[{"fieldName":"customerStatus","currentValue":"PII-Deleted"}],""")]
    public async Task Who_is_deleted_is_forgotten_and_not_learned_again_from_what_was_before(string says)
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.WebhookAsync(new { customerIdentifiersToBeEnriched = new[] { "Instore" } }, "customerUpdated", "pointsIssued");
        await SendAsync(world, "pointsIssued", """{"customerIdentifiers":{"customerId":50,"instore":{"mobile":"9150","email":"bo@example.com"}},"programCurrentPoints":5}""", createdAt: Early);
        var told = says + """ "customerIdentifiers":{"customerId":50,"instore":{"mobile":"9150"}}}""";
        Assert.Equal(told, await world.PublishAsync("customerUpdated", told, createdAt: Late)); // Already nothing to enrich with.
        Assert.Equal(["customer 50 unknown"], await world.UnknownAsync());
        Assert.Null(await world.RecordAsync("customers", 50));

        await SendAsync(world, "customerUpdated", Mobile(50, "before"), createdAt: Late - 1);
        Assert.Null(await world.RecordAsync("customers", 50));
        await SendAsync(world, "customerUpdated", Mobile(50, "after"), createdAt: Late + 1);
        Assert.Equal("after", await MobileAsync(world, 50));
        Assert.False((await world.RecordAsync("customers", 50))!.Value.TryGetProperty("availablePoints", out _));
    }

    [Fact]
    public async Task Who_is_deleted_is_forgotten_also_where_events_teach_nothing()
    {
        await using var world = await EnrichedWorld.StartAsync(learns: false);
        var webhook = await world.WebhookAsync(new { customerIdentifiersToBeEnriched = new[] { "Instore" } }, "customerUpdated");
        const string told = """{"customerIdentifiers":{"customerId":42},"customerStatus":{"currentStatus":"PII_DELETED"}}""";
        Assert.Equal(told, await world.PublishAsync("customerUpdated", told));
        Assert.Equal(["customer 42 unknown"], await world.UnknownAsync());
        Assert.Null(await world.RecordAsync("customers", 42));

        // Without a webhook as well, and among others that teach nothing.
        await world.PutAsync("customers", """[{"customerId":43,"instore":{"mobile":"943"}},{"customerId":44,"instore":{"mobile":"944"}}]""");
        await world.App.SetActiveAsync(webhook, false);
        await world.App.PublishAcceptedAsync($"[{Message("customerUpdated", told.Replace("42", "43", StringComparison.Ordinal))},{Message("customerUpdated", Mobile(44, "new"))},{Message("customerUpdated", Mobile(45, "new"))}]");
        Assert.Null(await world.RecordAsync("customers", 43));
        Assert.Equal(("944", null), (await MobileAsync(world, 44), await MobileAsync(world, 45)));

        // The deletion itself teaches nothing else.
        await world.App.PublishAcceptedAsync(Message("customerUpdated", """{"customerIdentifiers":{"customerId":44},"customerStatus":{"currentStatus":"DELETED"},"enteredBy":{"id":991,"till":{"code":"T-991","name":"Somewhere"}}}"""));
        Assert.Equal((null, null), (await world.RecordAsync("customers", 44), await world.RecordAsync("tills", 991)));
    }

    [Fact]
    public async Task A_deletion_that_comes_late_takes_nothing_that_is_newer()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await SendAsync(world, "pointsIssued", """{"customerIdentifiers":{"customerId":50,"instore":{"email":"bo@example.com"}},"loyaltyProgramId":1,"programCurrentPoints":5}""", createdAt: Early);
        await SendAsync(world, "pointsIssued", """{"customerIdentifiers":{"customerId":50,"instore":{"mobile":"newer"}},"loyaltyProgramId":2,"programCurrentPoints":7}""", createdAt: Late + 1);
        foreach (var id in new[] { 42, 50 }) await SendAsync(world, "customerUpdated", $$$"""{"customerIdentifiers":{"customerId":{{{id}}}},"customerStatus":{"currentStatus":"DELETED"}}""", createdAt: Late);

        Assert.Equal("919812345678", await MobileAsync(world, 42)); // By a key, after all that.
        var customer = (await world.RecordAsync("customers", 50))!.Value;
        Assert.Equal("""{"mobile":"newer"}""", customer.GetProperty("instore").GetRawText());
        Assert.Equal(2, Assert.Single(customer.GetProperty("availablePoints").EnumerateArray()).GetProperty("programId").GetInt64());
        await SendAsync(world, "customerUpdated", """{"customerIdentifiers":{"customerId":42,"line":{"accounts":[{"accountId":"x"}]}}}""", createdAt: Late - 1);
        await SendAsync(world, "customerUpdated", """{"customerIdentifiers":{"customerId":50,"instore":{"email":"bo@example.com"}}}""", createdAt: Late - 1);
        Assert.DoesNotContain("\"x\"", (await world.RecordAsync("customers", 42))!.Value.GetRawText());
        Assert.False((await world.RecordAsync("customers", 50))!.Value.GetProperty("instore").TryGetProperty("email", out _));
    }

    [Fact]
    public async Task A_store_that_names_no_number_is_known_by_its_code()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.PutAsync("stores", """[{"storeId":9000,"code":"HC-02","name":"Pier"}]""");
        await SendAsync(world, "customerAdded", """{"enteredBy":{"id":77,"store":{"code":"HC-01","name":"Old Harbour, renamed"}}}""");
        Assert.Equal("Old Harbour, renamed", (await world.RecordAsync("stores", 8841))!.Value.GetProperty("name").GetString());

        // The till has moved; its former store keeps its name.
        await SendAsync(world, "customerAdded", """{"enteredBy":{"id":77,"till":{"code":"T1"},"store":{"code":"HC-02","name":"New Pier"}}}""");
        Assert.Equal((9000, "Old Harbour, renamed", "New Pier"), ((await world.RecordAsync("tills", 77))!.Value.GetProperty("storeId").GetInt64(),
            (await world.RecordAsync("stores", 8841))!.Value.GetProperty("name").GetString(), (await world.RecordAsync("stores", 9000))!.Value.GetProperty("name").GetString()));
        foreach (var unnamed in new[] { """{"name":"x"}""", """{"externalId":"x","externalId2":"x"}""", """{"code":"","name":"x"}""" }) await SendAsync(world, "customerAdded", $$$"""{"enteredBy":{"id":77,"store":{{{unnamed}}}}}""");
        Assert.DoesNotContain("\"x\"", (await world.RecordAsync("stores", 9000))!.Value.GetRawText());
        await SendAsync(world, "customerAdded", """{"enteredBy":{"id":92,"till":{"code":"T92"},"store":{"code":"nowhere","name":"x"}}}""");
        Assert.False((await world.RecordAsync("tills", 92))!.Value.TryGetProperty("storeId", out _));
    }

    [Fact]
    public async Task What_the_directory_does_not_keep_teaches_nothing_and_stops_nothing()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.WebhookAsync(new { customerIdentifiersToBeEnriched = new[] { "Instore", "WeChat" }, cardNumberEnrichmentEnabled = true, tillDetailsEnrichmentEnabled = true }, "customerAdded");
        foreach (var data in new[]
        {
            Mobile(70, new string('9', 500)), Mobile(70, @"1\u00002"), Mobile(-5, "1"), """{"customerIdentifiers":{}}""", """{"customerIdentifiers":{"customerId":70,"instore":{}}}""", """{"enteredBy":{"id":-1}}""",
            """{"customerIdentifiers":{"customerId":70,"wechat":{"accounts":[{},{"identifiers":[{},{"identifierType":"x"}]}]}}}""", """{"enteredBy":{"till":{"code":"T"}}}""", """{"customerIdentifiers":{"customerId":9999999999999999999}}""",
        }) Assert.Equal(data, await world.PublishAsync("customerAdded", data));
        Assert.Null(await world.RecordAsync("customers", 70));
    }

    [Fact]
    public async Task Forgetting_a_customer_masks_what_was_made_for_webhooks_too()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.WebhookAsync(new { customerIdentifiersToBeEnriched = new[] { "Instore" } }, "pointsIssued");
        await world.PublishAsync("pointsIssued", """{"customerIdentifiers":{"customerId":42}}""");
        await world.DeliveryAsync(DeliveryStatus.Delivered);
        Assert.Equal(1, await world.App.Services.GetRequiredService<DirectoryStore>().ForgetAsync(RunningApp.OrgId, 42, true, Some.Actor, cancel: Cancel));
        var delivery = await world.DeliveryAsync();
        Assert.Contains("""{"customerId":42,"instore":{"id":0,"mobile":"***","email":"***","externalId":"***"}}""", delivery.Body);
        await SendAsync(world, "customerUpdated", Mobile(42, "again"));
        Assert.Null(await world.RecordAsync("customers", 42));
    }

    private static string Mobile(long customer, string mobile) => $$$$"""{"customerIdentifiers":{"customerId":{{{{customer}}}},"instore":{"mobile":"{{{{mobile}}}}"}}}""";

    private static string Message(string eventName, string data, string? eventId = null, long? createdAt = null) =>
        $"{{\"eventName\":\"{eventName}\",\"refId\":\"1655_1\",{(eventId is null ? "" : $"\"eventId\":\"{eventId}\",")}{(createdAt is { } at ? $"\"createdAt\":{at}," : "")}\"data\":{data}}}";

    private static Task SendAsync(EnrichedWorld world, string eventName, string data, string? eventId = null, long? createdAt = null) => world.App.PublishAcceptedAsync(Message(eventName, data, eventId, createdAt));

    private static async Task<string?> MobileAsync(EnrichedWorld world, long id) => (await world.RecordAsync("customers", id))?.GetProperty("instore").GetProperty("mobile").GetString();
}
