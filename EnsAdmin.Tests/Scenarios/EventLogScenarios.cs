using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>An integrator asks the API what became of events.</summary>
public sealed class EventLogScenarios
{
    [Fact]
    public async Task An_event_is_found_by_its_id_its_ref_and_its_request_with_what_each_webhook_answered()
    {
        await using var good = await Receiver.StartAsync();
        await using var bad = (await Receiver.StartAsync()).Answering(404);
        await using var app = RunningApp.Start();
        var delivered = await app.CreateWebhookAsync(good.Url, name: "good");
        var failed = await app.CreateWebhookAsync(bad.Url, name: "bad");
        var message = JsonDocument.Parse(Some.Event("e-1")).RootElement;
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await app.DeliveryAsync(delivered, DeliveryStatus.Delivered);
        await app.DeliveryAsync(failed, DeliveryStatus.Rejected);
        await app.PublishAcceptedAsync(Some.Event("e-2", "customerAdded"));

        string[] ways = ["e-1", $"refId/{message.GetProperty("refId").GetString()}", $"requestId/{message.GetProperty("apiRequestId").GetString()}"];
        foreach (var way in ways)
        {
            var entries = (await GetAsync(app, $"/v3/webHooks/eventLog/{way}")).EnumerateArray().Where(e => e.GetProperty("eventId").GetString() == "e-1").ToDictionary(e => e.GetProperty("webHookId").GetString()!);
            Assert.Equal(2, entries.Count);
            Assert.Equal(("Success", 200), (entries[delivered].GetProperty("status").GetString(), entries[delivered].GetProperty("consumerResponse").GetProperty("webhookHttpStatus").GetInt32()));
            Assert.Equal(("Failed", 404), (entries[failed].GetProperty("status").GetString(), entries[failed].GetProperty("consumerResponse").GetProperty("webhookHttpStatus").GetInt32()));
            Assert.All(entries.Values, e => Assert.True(e.GetProperty("eventIngestionTimestamp").GetDateTimeOffset() <= e.GetProperty("eventStartTimestamp").GetDateTimeOffset()
                && e.GetProperty("eventStartTimestamp").GetDateTimeOffset() <= e.GetProperty("eventEndTimestamp").GetDateTimeOffset() && e.GetProperty("consumerResponse").GetProperty("time_taken").GetDouble() > 0));
        }

        Assert.Equal(0, (await GetAsync(app, "/v3/webHooks/eventLog/nothing")).GetArrayLength());
    }

    [Fact]
    public async Task A_consumer_group_has_a_log_to_page_and_filter_and_counts()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (n, http) => Receiver.Status(http, n switch { 1 => 404, 2 => 500, _ => 200 });
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url, connections: 1, events: ["pointsIssued", "customerAdded"]);
        var group = (await GetAsync(app, $"/v3/webHooks/{webhook}")).GetProperty("consumerGroupId").GetString();
        for (var i = 1; i <= 4; i++)
        {
            await app.PublishAcceptedAsync(Some.Event($"e-{i}", i == 4 ? "customerAdded" : "pointsIssued"));
            await receiver.ReceivedAsync(i);
        }

        await app.LogAsync(webhook, rows => rows.Count(r => r.Status == DeliveryStatus.Delivered) == 2);
        await app.SetActiveAsync(webhook, false);

        var metrics = await GetAsync(app, $"/v3/events/consumer-groups/{group}/metrics");
        Assert.Equal((4, 2, 1, 1, 0), (Count("totalEvents"), Count("deliveredEvents"), Count("failedEvents"), Count("retryingEvents"), Count("pendingEvents")));
        Assert.Equal(JsonValueKind.Number, metrics.GetProperty("averageDeliveryTime").ValueKind);
        Assert.Equal(["e-4", "e-3", "e-2", "e-1"], await PagesAsync("limit=3"));
        Assert.Equal(["e-1", "e-2", "e-3", "e-4"], await PagesAsync("limit=1&sortBy=eventIngestionTimestamp:asc"));
        Assert.Equal(["e-1", "e-2", "e-3", "e-4"], await PagesAsync("limit=3&sortBy=deliveryId:asc"));
        Assert.Equal(["e-4"], await PagesAsync("eventType=customerAdded"));
        Assert.Equal(["e-2"], await PagesAsync("eventSearchKey=e-2"));

        int Count(string name) => metrics.GetProperty(name).GetInt32();

        async Task<List<string>> PagesAsync(string query)
        {
            var found = new List<string>();
            for (long? cursor = null; ;)
            {
                var page = await GetAsync(app, $"/v3/events/consumer-groups/{group}/logs?{query}{(cursor is null ? "" : $"&cursor={cursor}")}");
                found.AddRange(page.GetProperty("logs").EnumerateArray().Select(e => e.GetProperty("eventId").GetString()!));
                if (page.GetProperty("nextCursor").ValueKind == JsonValueKind.Null) return found;
                cursor = page.GetProperty("nextCursor").GetInt64();
            }
        }
    }

    [Fact]
    public async Task A_delivery_tells_each_of_its_attempts_the_newest_last_without_the_secrets_it_was_sent_with()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (n, http) =>
        {
            http.Response.Headers["X-Echo"] = http.Request.Headers.Authorization.ToString();
            return Receiver.Status(http, n == 1 ? 503 : 404);
        };
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        using var created = await app.Http.PostAsJsonAsync("/v3/webHooks", new { name = "orders", webHookUrl = receiver.Url, maxAllowedConnections = 1, eventNames = new[] { Some.EventName }, webHookHeaders = new { Authorization = "Bearer s3cret-value" } }, TestContext.Current.CancellationToken);
        var webhook = (await created.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("data").GetProperty("webHookId").GetString()!;
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1);
        time.Advance(TimeSpan.FromSeconds(10));
        var id = (await app.DeliveryAsync(webhook, DeliveryStatus.Rejected)).Id;

        var delivery = await GetAsync(app, $"/v3/deliveries/{id}");

        Assert.Equal(2, delivery.GetProperty("attempts").GetInt32());
        var attempts = delivery.GetProperty("attemptHistory").EnumerateArray().ToList();
        Assert.Equal([(1, "ServerError", 503, "503 Service Unavailable", "answer 503"), (2, "ClientError", 404, "404 Not Found", "answer 404")], attempts.Select(a => (a.GetProperty("number").GetInt32(),
            a.GetProperty("outcome").GetString()!, a.GetProperty("statusCode").GetInt32(), a.GetProperty("reason").GetString()!, a.GetProperty("answer").GetString()!)));
        Assert.Equal(Some.Clock().GetUtcNow().AddSeconds(10), attempts[1].GetProperty("startedAt").GetDateTimeOffset());
        Assert.All(attempts, a => Assert.Equal(("Scheduled", JsonValueKind.Number), (a.GetProperty("trigger").GetString(), a.GetProperty("durationMs").ValueKind)));
        Assert.All(attempts, a => Assert.Contains("X-Echo: ••••••", a.GetProperty("answerHeaders").EnumerateArray().Select(h => h.GetString())));
        Assert.All(attempts, a => Assert.Contains("authorization: ••••••", a.GetProperty("request").EnumerateArray().Select(h => h.GetString())));
        Assert.DoesNotContain("s3cret", delivery.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_history_of_a_deleted_webhook_stays_to_be_read()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(400);
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        var group = (await GetAsync(app, $"/v3/webHooks/{webhook}")).GetProperty("consumerGroupId").GetString();
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await app.DeliveryAsync(webhook, DeliveryStatus.Rejected);
        using (var replay = await app.Http.PostAsJsonAsync($"/v3/webHooks/{webhook}/replay", new { statuses = new[] { "delivered" } }, TestContext.Current.CancellationToken)) Assert.Equal(HttpStatusCode.Accepted, replay.StatusCode);

        (await app.Http.DeleteAsync($"/v3/webHooks/{webhook}", TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();

        Assert.Equal("e-1", Assert.Single((await GetAsync(app, $"/v3/events/consumer-groups/{group}/logs")).GetProperty("logs").EnumerateArray()).GetProperty("eventId").GetString());
        Assert.Equal(1, (await GetAsync(app, $"/v3/events/consumer-groups/{group}/metrics")).GetProperty("failedEvents").GetInt32());
        Assert.Equal(1, (await GetAsync(app, $"/v3/webHooks/{webhook}/replay")).GetArrayLength());
        await app.AddOrganizationAsync(OtherBrand.OrgId, "Bee Roasters");
        using var other = app.Client(await app.AddKeyAsync(OtherBrand.OrgId, Scopes.All));
        foreach (var path in new[] { $"/v3/events/consumer-groups/{group}/logs", $"/v3/events/consumer-groups/{group}/metrics", $"/v3/webHooks/{webhook}/replay" })
            Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task What_waits_tells_when_it_is_tried_next_and_until_when_and_what_is_held_that_it_is()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(503, 200);
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        var accepted = time.GetUtcNow();
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        var delivery = await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled);

        Assert.Equal(("503 Service Unavailable", delivery.DueAt, accepted.AddDays(1)), await ToldAsync());
        await app.SetActiveAsync(webhook, false);
        Assert.Equal(("503 Service Unavailable; held while the webhook is inactive", null, accepted.AddDays(1)), await ToldAsync());
        await app.SetActiveAsync(webhook, true);
        time.Advance(TimeSpan.FromMinutes(1));
        await app.DeliveryAsync(webhook, DeliveryStatus.Delivered);
        Assert.Equal(("200 OK", null, null), await ToldAsync());

        async Task<(string? Reason, DateTimeOffset? NextAttemptAt, DateTimeOffset? ExpiresAt)> ToldAsync()
        {
            var (one, entry) = (await GetAsync(app, $"/v3/deliveries/{delivery.Id}"), (await GetAsync(app, "/v3/webHooks/eventLog/e-1"))[0]);
            Assert.Equal(Told(one), Told(entry));
            return Told(one);
        }

        static (string?, DateTimeOffset?, DateTimeOffset?) Told(JsonElement e) => (e.GetProperty("reason").GetString(), Moment(e.GetProperty("nextAttemptAt")), Moment(e.GetProperty("expiresAt")));
        static DateTimeOffset? Moment(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.GetDateTimeOffset();
    }

    [Theory]
    [InlineData("logs?limit=0", HttpStatusCode.BadRequest, "limit")]
    [InlineData("logs?sortBy=eventName:asc", HttpStatusCode.BadRequest, "sortBy must be eventIngestionTimestamp or deliveryId, followed by :asc or :desc")]
    [InlineData("logs?sortBy=deliveryId", HttpStatusCode.BadRequest, "followed by :asc or :desc")]
    [InlineData("logs?apiRequestId=zz", HttpStatusCode.BadRequest, "There is no parameter 'apiRequestId'; did you mean requestId?")]
    [InlineData("logs?colour=blue", HttpStatusCode.BadRequest, "there are eventType, eventSearchKey, requestId, sortBy, limit, cursor.")]
    [InlineData("logs?id=1", HttpStatusCode.BadRequest, "There is no parameter 'id'")]
    [InlineData("metrics?sinc=1", HttpStatusCode.BadRequest, "did you mean since?")]
    [InlineData("../../../webHooks/eventLog/e-1?limit=5", HttpStatusCode.BadRequest, "There is no parameter 'limit'; this call takes none.")]
    [InlineData("../../../deliveries/1?limit=5", HttpStatusCode.BadRequest, "There is no parameter 'limit'; this call takes none.")]
    [InlineData("logs?cursor=last", HttpStatusCode.BadRequest, "cursor must be a whole number, is 'last'")]
    [InlineData("logs", HttpStatusCode.NotFound, "consumer group")]
    [InlineData("metrics", HttpStatusCode.NotFound, "consumer group")]
    public async Task What_can_not_be_answered_says_why(string call, HttpStatusCode status, string words)
    {
        await using var app = RunningApp.Start();
        using var answer = await app.Http.GetAsync($"/v3/events/consumer-groups/{Guid.NewGuid()}/{call}", TestContext.Current.CancellationToken);
        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(words, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_nested_as_deep_as_is_accepted_can_be_read_as_well()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("deep").Replace("\"data\":{", $"\"data\":{{\"x\":{new string('[', 62)}{new string(']', 62)},", StringComparison.Ordinal));

        var delivery = await app.DeliveryAsync(webhook, DeliveryStatus.Delivered);

        using var answer = await app.Http.GetAsync($"/v3/deliveries/{delivery.Id}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(new string('[', 62) + new string(']', 62), await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static async Task<JsonElement> GetAsync(RunningApp app, string path)
    {
        using var answer = await app.Http.GetAsync(path, TestContext.Current.CancellationToken);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, body.ToString());
        return body.GetProperty("data");
    }
}
