using System.Net.Http.Json;
using System.Text.Json;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Enrichment;
using EnsAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>What a webhook gets that asked for more than the event brings.</summary>
public sealed class EnrichmentScenarios
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("till", """{"id":77}""", """{"id":77,"till":{"code":"T1","name":"Till \"1\""}}""")]
    [InlineData("store", """{"id":77}""", """{"id":77,"store":{"id":8841,"code":"HC-01","name":"Old Harbour","externalId":"S-8841","externalId2":"West"}}""")]
    [InlineData("till store", """{"id":77}""", """{"id":77,"till":{"code":"T1","name":"Till \"1\""},"store":{"id":8841,"code":"HC-01","name":"Old Harbour","externalId":"S-8841","externalId2":"West"}}""")]
    [InlineData("till store", """{"till":{"code":"own"},"store":{"externalId":""},"id":77,"user":{"username":"ann"}}""",
        """{"till":{"code":"own","name":"Till \"1\""},"store":{"externalId":"","id":8841,"code":"HC-01","name":"Old Harbour","externalId2":"West"},"id":77,"user":{"username":"ann"}}""")]
    [InlineData("store", """{"id":77,"store":{"code":"HC-99"}}""", """{"id":77,"store":{"code":"HC-99"}}""")] // The till has moved: its former store's facts would be wrong.
    public async Task Till_and_store_stand_beside_the_tills_number(string asked, string enteredBy, string expected)
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.WebhookAsync(new { tillDetailsEnrichmentEnabled = asked.Contains("till"), storeDetailsEnrichmentEnabled = asked.Contains("store") }, "transactionAdded", "pointsIssued");

        var got = await world.PublishAsync("transactionAdded", $$"""{"enteredBy":{{enteredBy}},"amount":1.50}""");
        Assert.Equal($$"""{"enteredBy":{{expected}},"amount":1.50}""", got);
        Assert.Equal($$$"""{"triggeringActivity":{"enteredBy":{{{expected}}}}}""", await world.PublishAsync("pointsIssued", $$$"""{"triggeringActivity":{"enteredBy":{{{enteredBy}}}}}"""));
    }

    [Theory]
    [InlineData("""{"code":"ZZ-9"}""", "ZZ-9")]
    [InlineData("""{"externalId":"ZZ-9"}""", "ZZ-9")]
    [InlineData("""{"code":"HC-01","externalId2":"East"}""", "East")]
    [InlineData("""{"code":"ZZ-9","name":"Told already"}""", null)]
    public async Task A_store_that_is_not_the_tills_gets_none_of_its_facts(string store, string? unknown)
    {
        await using var world = await EnrichedWorld.StartAsync(learns: false);
        await world.WebhookAsync(new { tillDetailsEnrichmentEnabled = true, storeDetailsEnrichmentEnabled = true }, "transactionAdded");
        Assert.Equal($$$$"""{"enteredBy":{"id":77,"store":{{{{store}}}},"till":{"code":"T1","name":"Till \"1\""}}}""", await world.PublishAsync("transactionAdded", $$$"""{"enteredBy":{"id":77,"store":{{{store}}}}}"""));
        Assert.Equal(unknown is null ? [] : [$"store {unknown} unknown"], await world.UnknownAsync());
    }

    [Theory]
    [InlineData("Instore", """ "instore":{"id":9001,"mobile":"919812345678","email":"ada@example.com","externalId":"CRM-42"} """)]
    [InlineData("WeChat", """ "wechat":{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"wechat-1"}]}]} """)]
    [InlineData("WebEngage", """ "web_engage":{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"web_engage-1"}]}]} """)]
    [InlineData("Facebook", """ "facebook":{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"facebook-1"}]}]} """)]
    [InlineData("Line", """ "line":{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"line-1"}]}]} """)]
    [InlineData("Martjack", """ "martjack":{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"martjack-1"}]}]} """)]
    [InlineData("Tmall", """ "tmall":{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"tmall-1"}]}]} """)]
    [InlineData("Taobao", """ "toabao":{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"toabao-1"}]}]} """)]
    [InlineData("JD", """ "jd":{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"jd-1"}]}]} """)]
    [InlineData("Ecommerce", """ "ecommerce":{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"ecommerce-1"}]}]} """)]
    [InlineData("Website", """ "website":{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"website-1"}]}]} """)]
    [InlineData("WeChat Line", """ "wechat":{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"wechat-1"}]}]},"line":{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"line-1"}]}]} """)]
    public async Task The_identifiers_of_the_chosen_sources_are_added_and_no_others(string sources, string added)
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.WebhookAsync(new { customerIdentifiersToBeEnriched = sources.Split(' ') }, "customerUpdated");
        Assert.Equal($$$"""{"customerIdentifiers":{"customerId":42,{{{added.Trim()}}}}}""", await world.PublishAsync("customerUpdated", """{"customerIdentifiers":{"customerId":42}}"""));
    }

    [Theory]
    [InlineData("""{"mobile":"911"}""", """{"mobile":"911","id":9001,"email":"ada@example.com","externalId":"CRM-42","cardnumber":"1001","cardexternalid":"X-1","cardNumbers":["1001","1002"]}""")]
    [InlineData("""{"email":"","cardnumber":"1002"}""", """{"email":"","cardnumber":"1002","id":9001,"mobile":"919812345678","externalId":"CRM-42","cardNumbers":["1001","1002"]}""")]
    [InlineData("""{"id":1,"mobile":"911","email":"e","externalId":"x","cardNumbers":["1002"]}""", """{"id":1,"mobile":"911","email":"e","externalId":"x","cardNumbers":["1002","1001"],"cardnumber":"1001","cardexternalid":"X-1"}""")]
    public async Task All_cards_are_added_and_what_the_event_brings_wins(string instore, string expected)
    {
        await using var world = await EnrichedWorld.StartAsync(learns: false);
        await world.WebhookAsync(new { customerIdentifiersToBeEnriched = new[] { "Instore" }, cardNumberEnrichmentEnabled = true }, "customerAdded");
        var got = await world.PublishAsync("customerAdded", $$$"""{"customerIdentifiers":{"customerId":42,"instore":{{{instore}}}},"accountId":"a"}""");
        Assert.Equal($$$"""{"customerIdentifiers":{"customerId":42,"instore":{{{expected}}}},"accountId":"a"}""", got);
    }

    [Fact]
    public async Task Accounts_that_the_event_brings_are_completed_and_not_replaced()
    {
        await using var world = await EnrichedWorld.StartAsync(learns: false);
        await world.WebhookAsync(new { customerIdentifiersToBeEnriched = new[] { "WeChat" } }, "customerAdded");
        await world.PutAsync("customers", """[{"customerId":42,"wechat":{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"o-1"},{"identifierType":"unionid","identifierValue":"u-1"}]},{"accountId":"bee","identifiers":[{"identifierType":"openid","identifierValue":"o-2"}]}]}}]""");
        var got = await world.PublishAsync("customerAdded", """{"customerIdentifiers":{"customerId":42,"wechat":{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"own"}]}]}}}""");
        Assert.Equal("""{"customerIdentifiers":{"customerId":42,"wechat":{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"own"},{"identifierType":"unionid","identifierValue":"u-1"}]},{"accountId":"bee","identifiers":[{"identifierType":"openid","identifierValue":"o-2"}]}]}}}""", got);
    }

    [Fact]
    public async Task Card_numbers_without_the_source_they_came_with_bring_no_other_identifiers()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.WebhookAsync(new { customerIdentifiersToBeEnriched = new[] { "WeChat" }, cardNumberEnrichmentEnabled = true }, "customerUpdated");
        using var got = JsonDocument.Parse(await world.PublishAsync("customerUpdated", """{"customerIdentifiers":{"customerId":42}}"""));
        Assert.Equal(["cardnumber", "cardexternalid", "cardNumbers"], got.RootElement.GetProperty("customerIdentifiers").GetProperty("instore").EnumerateObject().Select(m => m.Name));
    }

    [Theory]
    [InlineData("77.0", "42.0", true)]
    [InlineData("7.7e1", "4200E-2", true)]
    [InlineData("770e-1", "42.000", true)]
    [InlineData("9223372036854775808.0", "1e40", false)]
    [InlineData("-77.0", "-42.0", false)]
    public async Task Whole_numbers_are_the_same_in_every_spelling(string till, string customer, bool known)
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.WebhookAsync(new { tillDetailsEnrichmentEnabled = true, customerIdentifiersToBeEnriched = new[] { "Line" } }, "transactionAdded");
        var (found, account) = known ? (""","till":{"code":"T1","name":"Till \"1\""}""", ""","line":{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"line-1"}]}]}""") : ("", "");
        Assert.Equal($$$"""{"enteredBy":{"id":{{{till}}}{{{found}}}},"customerIdentifiers":{"customerId":{{{customer}}}{{{account}}}}}""",
            await world.PublishAsync("transactionAdded", $$$"""{"enteredBy":{"id":{{{till}}}},"customerIdentifiers":{"customerId":{{{customer}}}}}"""));
    }

    [Fact]
    public async Task The_balance_of_points_is_the_newest_that_an_event_told()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.WebhookAsync(new { availablePointsBalanceEnrichmentEnabled = true }, "pointsIssued", "pointsRedeemed", "pointsExpired");
        const string customer = """ "customerIdentifiers":{"customerId":42},"loyaltyProgramId":3 """;

        // It tells itself; nothing newer can be known.
        Assert.Equal($$"""{{{customer}},"programCurrentPoints":150.5,"availablePointsBalance":150.5,"availablePointsBalanceAt":1760000000000}""", await world.PublishAsync("pointsIssued", $$"""{{{customer}},"programCurrentPoints":150.5}""", createdAt: 1760000000000));
        Assert.Equal($$"""{{{customer}},"availablePointsBalance":150.5,"availablePointsBalanceAt":1760000000000}""", await world.PublishAsync("pointsRedeemed", $$"""{{{customer}}}""", createdAt: 1760000005000));
        await world.PublishAsync("pointsIssued", $$"""{{{customer}},"programCurrentPoints":20}""", createdAt: 1750000000000); // Late.
        Assert.Contains("\"availablePointsBalance\":150.5,", await world.PublishAsync("pointsRedeemed", $$"""{{{customer}}}"""));
        Assert.DoesNotContain("availablePointsBalance", await world.PublishAsync("pointsExpired", $$"""{{{customer}}}"""));
        Assert.DoesNotContain("availablePointsBalance", await world.PublishAsync("pointsRedeemed", """{"customerIdentifiers":{"customerId":42},"loyaltyProgramId":4}"""));
        Assert.Equal(["points balance of customer 42 in programme 4 unknown"], await world.UnknownAsync());
        await world.PublishAsync("pointsRedeemed", """{"customerIdentifiers":{"customerId":43}}""");
        Assert.Equal(["points balance of customer 43 unknown"], await world.UnknownAsync());
        await world.PublishAsync("pointsIssued", """{"customerIdentifiers":{"customerId":42},"loyaltyProgramId":5,"programCurrentPoints":1}""");
        await world.PublishAsync("pointsRedeemed", """{"customerIdentifiers":{"customerId":42}}""");
        Assert.Equal(["points balance of customer 42 is known for 2 programmes, and the event names none"], await world.UnknownAsync());
    }

    [Fact]
    public async Task A_balance_is_also_that_of_the_user_whom_an_event_is_about()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.WebhookAsync(new { availablePointsBalanceEnrichmentEnabled = true }, "pointsIssued", "pointsRedeemed");
        const string user = """ "entityInformation":{"entityType":"USER","entityId":50},"loyaltyProgramId":3 """;
        Assert.Equal($$"""{{{user}}}""", await world.PublishAsync("pointsRedeemed", $$"""{{{user}}}"""));
        Assert.Equal(["points balance of customer 50 in programme 3 unknown"], await world.UnknownAsync());
        await world.PublishAsync("pointsIssued", $$"""{{{user}},"programCurrentPoints":12}""", createdAt: 1760000000000);
        Assert.Equal($$"""{{{user}},"availablePointsBalance":12,"availablePointsBalanceAt":1760000000000}""", await world.PublishAsync("pointsRedeemed", $$"""{{{user}}}"""));

        await world.PublishAsync("pointsRedeemed", $$"""{"customerIdentifiers":{"customerId":43},{{user}}}"""); // Whom it names is whom it means.
        Assert.Equal(["points balance of customer 43 in programme 3 unknown"], await world.UnknownAsync());
        var group = user.Replace("USER", "USERGROUP2", StringComparison.Ordinal);
        Assert.Equal($$"""{{{group}}}""", await world.PublishAsync("pointsRedeemed", $$"""{{{group}}}"""));
        Assert.Empty(await world.UnknownAsync());
    }

    [Fact]
    public async Task The_awarded_reference_comes_from_another_event_of_the_same_activity()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.WebhookAsync(new { awardedReferenceEnrichmentEnabled = true }, "pointsIssued", "pointsExpiryChange");
        const string customer = """ "customerIdentifiers":{"customerId":42} """;
        var own = $$"""{{{customer}},"updatedPointsExpiryBreakup":[{"pointAwardedRefID":5501,"pointsAwardedRefType":"POINT_AWARDED"}]}""";
        Assert.Equal(own, await world.PublishAsync("pointsExpiryChange", own, loyaltyEventId: "log-9"));
        Assert.Equal($$"""{{{customer}},"pointAwardedRefID":5501,"pointsAwardedRefType":"POINT_AWARDED"}""", await world.PublishAsync("pointsIssued", $$"""{{{customer}}}""", loyaltyEventId: "log-9"));
        Assert.Equal($$"""{{{customer}}}""", await world.PublishAsync("pointsIssued", $$"""{{{customer}}}""", loyaltyEventId: "log-10"));
        Assert.Equal(["awarded reference unknown"], await world.UnknownAsync());

        // The record tells the newest of them.
        for (var i = 0; i < 20; i++) await world.PublishAsync("pointsExpiryChange", own.Replace("5501", $"56{i:00}", StringComparison.Ordinal), createdAt: 1760000000000 + i, loyaltyEventId: $"old-{i}");
        var awards = (await world.RecordAsync("customers", 42))!.Value.GetProperty("awardedReferences");
        Assert.Equal((20, "log-9", "5501", "POINT_AWARDED"), (awards.GetArrayLength(), awards[0].GetProperty("eventKey").GetString(), awards[0].GetProperty("reference").GetString(), awards[0].GetProperty("referenceType").GetString()));
        Assert.Equal("old-1", awards[19].GetProperty("eventKey").GetString());
    }

    [Fact]
    public async Task What_is_unknown_is_left_out_and_the_delivery_says_so()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.PutAsync("tills", """[{"tillId":78,"code":"T2","name":"Till 2","storeId":9999},{"tillId":79,"code":"T3"},{"tillId":89,"storeId":8841}]""");
        await world.WebhookAsync(new { tillDetailsEnrichmentEnabled = true, storeDetailsEnrichmentEnabled = true, customerIdentifiersToBeEnriched = new[] { "Instore", "WeChat" }, cardNumberEnrichmentEnabled = true }, "transactionAdded");

        await SaysAsync(78, 42, "store 9999 unknown");
        await SaysAsync(79, 42, "name of till 79 unknown", "store of till 79 unknown");
        await SaysAsync(80, 42, "till 80 unknown");
        await SaysAsync(89, 42, "code and name of till 89 unknown");
        await SaysAsync(77, 43, "customer 43 unknown");
        await world.PutAsync("customers", """[{"customerId":44,"instore":{"mobile":"912"}}]""");
        await SaysAsync(77, 44, "card numbers of customer 44 unknown", "WeChat identifiers of customer 44 unknown");
        await SaysAsync(77, 42);

        Assert.Equal("""{"enteredBy":{"id":80},"customerIdentifiers":{"customerId":43}}""", await world.PublishAsync("transactionAdded", """{"enteredBy":{"id":80},"customerIdentifiers":{"customerId":43}}"""));
        var delivery = await world.DeliveryAsync();
        Assert.Null(delivery.OriginalBody);
        Assert.Equal(["till 80 unknown", "customer 43 unknown"], delivery.Unknown);

        async Task SaysAsync(long till, long customer, params string[] words)
        {
            await world.PublishAsync("transactionAdded", $$$"""{"enteredBy":{"id":{{{till}}}},"customerIdentifiers":{"customerId":{{{customer}}}}}""");
            Assert.Equal(words, await world.UnknownAsync());
        }
    }

    [Theory]
    [InlineData("transactionAdded", """{"enteredBy":{"till":{"code":"T1"},"store":{"code":"HC-01"}}}""", "store not looked up: the event gives no id", "till not looked up: the event gives no id")]
    [InlineData("transactionAdded", """{"enteredBy":{"till":{"name":"Till 1"}}}""", "till not looked up: the event gives no id")]
    [InlineData("transactionAdded", """{"enteredBy":{"store":{"externalId":"S-8841"}}}""", "store not looked up: the event gives no id")]
    [InlineData("transactionAdded", """{"enteredBy":{"till":{"id":77},"store":{"id":8841}}}""", "till not looked up: the event gives no id")] // Its id belongs beside it.
    [InlineData("transactionAdded", """{"enteredBy":{"till":{"id":77},"store":{"id":8842}}}""", "store 8842 unknown", "till not looked up: the event gives no id")]
    [InlineData("transactionAdded", """{"enteredBy":{"id":77,"store":{"code":"HC-99"}}}""", "store HC-99 unknown")]
    [InlineData("transactionAdded", """{"enteredBy":{"till":{"code":"T1","name":"own"},"store":{"code":"HC-01","name":"own"}}}""")] // Nothing is missing.
    [InlineData("transactionAdded", """{"enteredBy":{"user":{"username":"ann"}}}""")] // Nothing is named.
    [InlineData("transactionAdded", """{"customerIdentifiers":{"instore":{"mobile":"919812345678"}}}""", "customer not looked up: the event gives no id")]
    [InlineData("transactionAdded", """{"customerIdentifiers":{"instore":{}}}""")]
    [InlineData("pointsIssued", """{"customerIdentifiers":{"wechat":{"accounts":[]}}}""", "customer not looked up: the event gives no id")]
    public async Task What_is_named_without_an_id_is_not_looked_up_and_the_delivery_says_so(string eventName, string data, params string[] words)
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.WebhookAsync(new { tillDetailsEnrichmentEnabled = true, storeDetailsEnrichmentEnabled = true, customerIdentifiersToBeEnriched = new[] { "Instore" }, availablePointsBalanceEnrichmentEnabled = true, awardedReferenceEnrichmentEnabled = true }, eventName);
        var got = await world.PublishAsync(eventName, data);
        if (!data.Contains("77", StringComparison.Ordinal)) Assert.Equal(data, got);
        Assert.Equal(words, await world.UnknownAsync());
    }

    [Fact]
    public async Task Who_asks_for_nothing_that_is_missing_hears_nothing_and_a_stores_own_id_will_do()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.WebhookAsync(new { storeDetailsEnrichmentEnabled = true, availablePointsBalanceEnrichmentEnabled = true }, "transactionAdded", "pointsIssued");
        Assert.Equal("""{"customerIdentifiers":{"instore":{"mobile":"911"}},"enteredBy":{"store":{"id":8841,"code":"HC-01","name":"Old Harbour","externalId":"S-8841","externalId2":"West"}}}""",
            await world.PublishAsync("transactionAdded", """{"customerIdentifiers":{"instore":{"mobile":"911"}},"enteredBy":{"store":{"id":8841}}}"""));
        Assert.Empty(await world.UnknownAsync());
        // The balance that it tells itself needs nobody to be looked up.
        Assert.Contains("\"availablePointsBalance\":20,", await world.PublishAsync("pointsIssued", """{"customerIdentifiers":{"instore":{"mobile":"911"}},"loyaltyProgramId":3,"programCurrentPoints":20}"""));
        Assert.Empty(await world.UnknownAsync());
        await world.WebhookAsync(new { customerIdentifiersToBeEnriched = new[] { "WeChat" } }, "customerUpdated");
        await world.PublishAsync("customerUpdated", """{"customerIdentifiers":{"wechat":{"accounts":[{"accountId":"hc"}]}}}""");
        Assert.Empty(await world.UnknownAsync());
    }

    [Fact]
    public async Task Bodies_are_stored_once_for_all_who_ask_for_the_same_and_go_with_their_events()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.WebhookAsync(new { }, "pointsIssued");
        await world.WebhookAsync(new { tillDetailsEnrichmentEnabled = true }, "pointsIssued");
        await world.WebhookAsync(new { tillDetailsEnrichmentEnabled = true, availablePointsBalanceEnrichmentEnabled = true }, "pointsIssued"); // No balance belongs into an event of nobody.
        await world.WebhookAsync(new { storeDetailsEnrichmentEnabled = true }, "pointsIssued");
        await world.App.PublishAcceptedAsync("""[{"eventName":"pointsIssued","refId":"r","eventId":"e-1","data":{"triggeringActivity":{"enteredBy":{"id":77}}}},{"eventName":"pointsIssued","refId":"r","eventId":"e-2","data":{}}]""");
        var calls = await world.Receiver.ReceivedAsync(8);

        Assert.Equal(3, calls.Where(c => c.EventId == "e-1").Select(c => c.Text).Distinct().Count());
        Assert.Single(calls.Where(c => c.EventId == "e-2").Select(c => c.Text).Distinct());
        var contexts = world.App.Services.GetRequiredService<EnsContexts>();
        await Eventually.HoldsAsync(async () =>
        {
            await using var db = contexts.Of(RunningApp.OrgId);
            return await db.Deliveries.AllAsync(d => d.EndedAt != null, Cancel);
        }, () => "all delivered");
        await using (var db = contexts.Of(RunningApp.OrgId))
        {
            Assert.Equal(2, await db.EnrichedBodies.CountAsync(Cancel));
            Assert.Equal(3, await db.Deliveries.CountAsync(d => d.EnrichedId != null, Cancel));
        }

        await world.App.Services.GetRequiredService<GroupCommitWriter>().RunAsync(sql => sql.Care.DeleteDeliveries(0, long.MaxValue, 100) ?? sql.Care.DeleteEvents(0, long.MaxValue, 100));
        await using var after = contexts.Of(RunningApp.OrgId);
        Assert.Equal((0, 0), (await after.EventMessages.CountAsync(Cancel), await after.EnrichedBodies.CountAsync(Cancel)));
    }

    [Fact]
    public async Task A_replay_sends_the_same_bytes_whatever_the_directory_and_the_webhook_say_by_then()
    {
        await using var world = await EnrichedWorld.StartAsync();
        world.Receiver.Answering(404, 200);
        var webhook = await world.WebhookAsync(new { tillDetailsEnrichmentEnabled = true }, "transactionAdded");
        var first = await world.PublishAsync("transactionAdded", """{"enteredBy":{"id":77}}""");
        await world.DeliveryAsync(DeliveryStatus.Rejected);
        await world.PutAsync("tills", """[{"tillId":77,"code":"other","name":"other"}]""");
        using var changed = await world.App.Http.PutAsJsonAsync($"/v3/webHooks/{webhook}", new { name = "enriched-1", webHookUrl = world.Receiver.Url, maxAllowedConnections = 5, eventNames = new[] { "transactionAdded" } }, Cancel);
        Assert.True(changed.IsSuccessStatusCode);

        using var replay = await world.App.Http.PostAsync($"/v3/deliveries/{(await world.DeliveryAsync()).Id}/replay", null, Cancel);
        Assert.True(replay.IsSuccessStatusCode);
        var calls = await world.Receiver.ReceivedAsync(2);
        Assert.Equal(calls[0].Text, calls[1].Text);
        Assert.Contains("\"code\":\"T1\"", first);

        var delivery = await world.DeliveryAsync(DeliveryStatus.Delivered);
        Assert.Equal((calls[0].Text, true), (delivery.Body, delivery.OriginalBody!.EndsWith("""{"enteredBy":{"id":77}}}""", StringComparison.Ordinal)));
        using var told = JsonDocument.Parse(await world.App.Http.GetStringAsync($"/v3/deliveries/{delivery.Id}", Cancel));
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(calls[0].Text), told.RootElement.GetProperty("data").GetProperty("payload")));
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(delivery.OriginalBody!), told.RootElement.GetProperty("data").GetProperty("originalPayload")));
    }

    [Fact]
    public async Task A_test_event_is_enriched_like_any_other_and_teaches_nothing()
    {
        await using var world = await EnrichedWorld.StartAsync();
        var webhook = await world.WebhookAsync(new { tillDetailsEnrichmentEnabled = true, customerIdentifiersToBeEnriched = new[] { "WeChat" } }, "transactionAdded");
        await world.PublishAsync("transactionAdded", """{"enteredBy":{"id":77},"customerIdentifiers":{"customerId":42}}""");
        var known = await KnownAsync();

        var (sent, told) = await TestAsync("last");
        Assert.EndsWith("""
            "data":{"enteredBy":{"id":77,"till":{"code":"T1","name":"Till \"1\""}},"customerIdentifiers":{"customerId":42,"wechat":{"accounts":[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"wechat-1"}]}]}}}}
            """, sent);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(sent), told.GetProperty("payload")));
        Assert.Equal("""{"enteredBy":{"id":77},"customerIdentifiers":{"customerId":42}}""", told.GetProperty("originalPayload").GetProperty("data").GetRawText());

        // Nobody has told the directory of the example's customer: it gets what the form shows.
        webhook = await world.WebhookAsync(new
        {
            tillDetailsEnrichmentEnabled = true, storeDetailsEnrichmentEnabled = true, customerIdentifiersToBeEnriched = IdentifierSources.All, cardNumberEnrichmentEnabled = true,
            awardedReferenceEnrichmentEnabled = true, availablePointsBalanceEnrichmentEnabled = true,
        }, "transactionAdded", "pointsRedeemed");
        foreach (var name in new[] { "transactionAdded", "pointsRedeemed" })
        {
            var shown = world.App.Services.GetRequiredService<EnrichedExamples>().Of(name, RunningApp.OrgId, EnrichmentFacts.All);
            (sent, told) = await TestAsync("example", name);
            Assert.True(JsonElement.DeepEquals(Data(shown.Enriched), Data(sent)), sent);
            Assert.True(JsonElement.DeepEquals(Data(shown.Bare), told.GetProperty("originalPayload").GetProperty("data")));
            Assert.Empty(told.GetProperty("unknown").EnumerateArray());
        }

        Assert.Equal(known, await KnownAsync());

        static JsonElement Data(string message) => JsonElement.Parse(message).GetProperty("data");

        async Task<(string Sent, JsonElement Delivery)> TestAsync(string source, string eventName = "transactionAdded")
        {
            using var answer = await world.App.Http.PostAsJsonAsync($"/v3/webHooks/{webhook}/test", new { source, eventName }, Cancel);
            var result = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancel)).GetProperty("data");
            var delivery = await world.App.Http.GetStringAsync($"/v3/deliveries/{result.GetProperty("deliveryId").GetInt64()}", Cancel);
            return (world.Receiver.Calls.Single(c => c.EventId == result.GetProperty("eventId").GetString()).Text, JsonElement.Parse(delivery).GetProperty("data"));
        }

        async Task<(int, int, int, int)> KnownAsync()
        {
            await using var db = world.App.Services.GetRequiredService<EnsContexts>().Of(RunningApp.OrgId);
            return (await db.Stores.CountAsync(Cancel), await db.Tills.CountAsync(Cancel), await db.Customers.CountAsync(Cancel), await db.Customers.CountAsync(c => c.Facts.Contains("Points"), Cancel));
        }
    }

    [Fact]
    public async Task What_is_written_counts_for_the_very_next_event()
    {
        await using var world = await EnrichedWorld.StartAsync();
        await world.WebhookAsync(new { tillDetailsEnrichmentEnabled = true }, "transactionAdded", "customerAdded");
        const string asked = """{"enteredBy":{"id":90}}""";
        Assert.Equal(asked, await world.PublishAsync("transactionAdded", asked));
        await world.PutAsync("tills", """[{"tillId":90,"code":"by key","name":"n"}]""");
        Assert.Contains("by key", await world.PublishAsync("transactionAdded", asked));
        await world.PublishAsync("customerAdded", """{"enteredBy":{"id":90,"till":{"code":"by event","name":"n"}}}""", createdAt: world.App.Services.GetRequiredService<TimeProvider>().GetUtcNow().AddSeconds(5).ToUnixTimeMilliseconds());
        Assert.Contains("by event", await world.PublishAsync("transactionAdded", asked));
        await world.EditAsync(DirectoryKind.Tills, 90, ("code", "by hand"));
        Assert.Contains("by hand", await world.PublishAsync("transactionAdded", asked));
        await world.ImportAsync(DirectoryKind.Tills, "tillId,code\n90,by file\n");
        Assert.Contains("by file", await world.PublishAsync("transactionAdded", asked));
        using var gone = await world.App.Http.DeleteAsync("/v3/directory/tills/90", Cancel);
        Assert.Equal(asked, await world.PublishAsync("transactionAdded", asked));
    }

    [Fact]
    public async Task One_organization_is_never_told_what_another_knows()
    {
        await using var world = await EnrichedWorld.StartAsync();
        var other = await OtherBrand.SetUpAsync(world.App, world.Receiver);
        await world.WebhookAsync(new { tillDetailsEnrichmentEnabled = true, storeDetailsEnrichmentEnabled = true, customerIdentifiersToBeEnriched = new[] { "Instore" } }, "transactionAdded");
        const string asked = """{"enteredBy":{"id":880077661},"customerIdentifiers":{"customerId":880077661}}""";
        Assert.Equal(asked, await world.PublishAsync("transactionAdded", asked));
        Assert.Equal(["till 880077661 unknown", "customer 880077661 unknown"], await world.UnknownAsync());
        await world.PublishAsync("transactionAdded", """{"customerIdentifiers":{"customerId":880077661,"instore":{"email":"mine@example.com"}}}""");
        Assert.Equal(other.Before, await other.StateAsync());
    }
}
