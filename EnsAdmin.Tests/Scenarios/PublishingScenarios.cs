using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using EnsAdmin.Data;
using EnsAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

public sealed class PublishingScenarios
{
    [Fact]
    public async Task An_unknown_event_is_refused_with_its_pointer_and_the_nearest_known_names()
    {
        await using var app = RunningApp.Start();

        var (status, error) = await RefusedAsync(app, """{"eventName":"pointsIsued","refId":"1655_1","data":{}}""");

        Assert.Equal((HttpStatusCode.BadRequest, "/eventName"), (status, error.GetProperty("pointer").GetString()));
        Assert.Contains("pointsIssued", error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task An_array_is_stored_whole_or_not_at_all()
    {
        await using var app = RunningApp.Start();
        var good = Some.Event("e-1");
        var bad = JsonNode.Parse(Some.Event("e-2"))!.AsObject();
        bad["data"] = "no object";

        var (status, error) = await RefusedAsync(app, $"[{good},{bad.ToJsonString()}]");

        Assert.Equal((HttpStatusCode.BadRequest, "/1/data"), (status, error.GetProperty("pointer").GetString()));
        Assert.Equal(0, await CountAsync(app));
        await app.PublishAcceptedAsync($"[{good}]");
        Assert.Equal(1, await CountAsync(app));
    }

    [Fact]
    public async Task A_repeated_eventId_is_answered_as_the_first_time_and_stored_once()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        await app.CreateWebhookAsync(receiver.Url);
        var sent = Some.Event("e-1");

        var first = await (await app.PublishAsync(sent)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var again = await app.PublishAsync(JsonNode.Parse(sent)!.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        await app.PublishAcceptedAsync(Some.Event("e-2"));
        await receiver.ReceivedAsync(2);

        Assert.Equal((HttpStatusCode.Accepted, first), (again.StatusCode, await again.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        Assert.Equal(["e-1", "e-2"], receiver.Calls.Select(c => c.EventId).Order());
        Assert.Equal(2, await CountAsync(app));
    }

    [Fact]
    public async Task The_same_eventId_for_another_event_is_a_conflict_and_leaves_nothing_of_its_array()
    {
        await using var app = RunningApp.Start();
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        var other = JsonNode.Parse(Some.Event("e-1"))!.AsObject();
        other["refId"] = "1655_other";

        var (status, error) = await RefusedAsync(app, $"[{Some.Event("e-2")},{other.ToJsonString()}]");

        Assert.Equal((HttpStatusCode.Conflict, "/1/eventId"), (status, error.GetProperty("pointer").GetString()));
        Assert.Equal(1, await CountAsync(app));
    }

    [Fact]
    public async Task What_the_producer_left_out_of_the_envelope_is_filled_in()
    {
        await using var receiver = await Receiver.StartAsync();
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        await app.CreateWebhookAsync(receiver.Url);
        var message = JsonNode.Parse(Some.Event("e-1"))!.AsObject();
        foreach (var name in new[] { "eventId", "createdAt", "orgId", "apiRequestId" }) message.Remove(name);

        var answer = await app.PublishAsync(message.ToJsonString());

        var eventId = (await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("data").GetProperty("eventId").GetString();
        var sent = JsonDocument.Parse((await receiver.ReceivedAsync(1))[0].Body).RootElement;
        Assert.Equal(eventId, sent.GetProperty("eventId").GetString());
        Assert.Equal(RunningApp.OrgId, sent.GetProperty("orgId").GetInt32());
        Assert.Equal(time.GetUtcNow().ToUnixTimeMilliseconds(), sent.GetProperty("createdAt").GetInt64());
        Assert.NotEmpty(sent.GetProperty("apiRequestId").GetString()!);
    }

    [Theory]
    [InlineData("not json", "")]
    [InlineData("[]", "")]
    [InlineData("[1]", "/0")]
    [InlineData("""{"eventName":"pointsIssued","eventName":"pointsIssued"}""", "/eventName")]
    [InlineData("""[{"eventName":"pointsIssued","refId":"1655_1","data":{}},{"eventName":"pointsIssued","data":{"a":[{"b/c":1,"b/c":2}]}}]""", "/1/data/a/0/b~1c")]
    [InlineData("""{"eventName":"pointsIssued","refId":"1655_1","data":{"a":[1,2,}}""", "/data/a/1")]
    [InlineData("""{"eventName":"pointsIssued","refId":"1655_1","data":{"x":NaN}}""", "/data/x")]
    [InlineData("""{"refId":"1655_1","data":{}}""", "/eventName")]
    [InlineData("""{"eventName":"pointsIssued","orgId":7,"refId":"1655_1","data":{}}""", "/orgId")]
    [InlineData("""{"eventName":"pointsIssued","createdAt":"yesterday","refId":"1655_1","data":{}}""", "/createdAt")]
    [InlineData("""{"eventName":"pointsIssued","eventId":"a\u0000b","refId":"1655_1","data":{}}""", "/eventId")]
    [InlineData("""{"eventName":"pointsIssued","refId":"1655_1","data":{"x":"\ud800"}}""", "/data/x")]
    [InlineData("""[{"eventName":"pointsIssued","refId":"1655_1","data":{"x\udc00":1}}]""", "/0/data")]
    public async Task Bad_input_is_refused_with_a_pointer_to_the_place(string body, string pointer)
    {
        await using var app = RunningApp.Start();

        var (status, error) = await RefusedAsync(app, body);

        Assert.Equal((HttpStatusCode.BadRequest, pointer), (status, error.GetProperty("pointer").GetString()));
        Assert.Equal(0, await CountAsync(app));
    }

    [Theory]
    [InlineData("""{"eventName":"pointsIssued","refId":"1655_1","data":{"deep":…}}""")]
    [InlineData("""[{"eventName":"pointsIssued","refId":"1655_1","data":{"deep":…}}]""")]
    public async Task What_is_nested_10_000_deep_is_refused_and_the_next_event_goes_through(string body)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        await app.CreateWebhookAsync(receiver.Url);

        var (status, error) = await RefusedAsync(app, body.Replace("…", new string('[', 10_000) + new string(']', 10_000)));
        await app.PublishAcceptedAsync(Some.Event("e-1"));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("/data/deep/0/0/", error.GetProperty("pointer").GetString());
        Assert.Equal("e-1", (await receiver.ReceivedAsync(1))[0].EventId);
    }

    [Theory]
    [InlineData("12345678901234567890123")]
    [InlineData("1e400")]
    [InlineData("-0.0")]
    [InlineData("\"a\\u0000b\"")]
    [InlineData("\"\\ud83d\\ude00 \\u202e \\ufffe \\/\"")]
    [InlineData("\"' OR 1=1; -- <script>alert(1)</script>\"")]
    [InlineData("{\"__proto__\":{\"\":null}}")]
    public async Task Odd_values_are_carried_byte_for_byte_and_shown(string value)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        var sent = Some.Event("e-1").Replace("\"data\":{", $"\"data\":{{\"odd\":{value},");

        await app.PublishAcceptedAsync(sent);

        Assert.Equal(sent, (await receiver.ReceivedAsync(1))[0].Text);
        var delivery = await app.DeliveryAsync(webhook, EnsAdmin.Domain.DeliveryStatus.Delivered);
        using var visitor = await app.SignedInAsync(EnsAdmin.Domain.Role.Viewer);
        using var page = await visitor.GetAsync(EnsAdmin.Shared.Paths.Delivery(RunningApp.OrgId, webhook, delivery.Id), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task Numbers_past_2_to_the_53_and_odd_spellings_are_carried_byte_for_byte()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        await app.CreateWebhookAsync(receiver.Url);
        var sent = Some.Event("e-1").Replace("\"data\":{", "\"data\":{\"odd\":12345678901234567890123, \"caf\\u00e9\" : 1.50e+3,");

        await app.PublishAcceptedAsync(sent);

        Assert.Equal(sent, (await receiver.ReceivedAsync(1))[0].Text);
    }

    [Fact]
    public async Task Too_much_is_413()
    {
        await using var app = RunningApp.Start();

        var (one, oneError) = await RefusedAsync(app, """{"eventName":"pointsIssued","refId":"1655_1","data":{"x":"…"}}""".Replace("…", new string('x', 300_000)));
        var (all, _) = await RefusedAsync(app, new string(' ', 6_000_000));

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.RequestEntityTooLarge), (one, all));
        Assert.Contains("262144", oneError.GetProperty("message").GetString());
    }

    [Fact]
    public async Task What_is_packed_is_415_and_not_called_wrong_JSON()
    {
        await using var app = RunningApp.Start();
        using var content = new ByteArrayContent([31, 139, 8, 0]);
        content.Headers.ContentEncoding.Add("gzip");
        using var answer = await app.Http.PostAsync("/v3/events", content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Contains("'gzip'", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_producers_at_once_lose_nothing_and_repeat_nothing()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        await app.CreateWebhookAsync(receiver.Url);

        await Parallel.ForAsync(0, 32, TestContext.Current.CancellationToken, async (producer, _) =>
        {
            for (var i = 0; i < 25; i++) await app.PublishAcceptedAsync(Some.Event($"e-{producer}-{i}"));
        });

        await receiver.ReceivedAsync(800);
        Assert.Equal(800, receiver.Calls.Select(c => c.EventId).Distinct().Count());
    }

    private static async Task<(HttpStatusCode Status, JsonElement Error)> RefusedAsync(RunningApp app, string body)
    {
        using var answer = await app.PublishAsync(body);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(JsonValueKind.Null, json.GetProperty("data").ValueKind);
        return (answer.StatusCode, json.GetProperty("errors")[0]);
    }

    private static async Task<int> CountAsync(RunningApp app)
    {
        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        return await db.EventMessages.CountAsync();
    }
}
