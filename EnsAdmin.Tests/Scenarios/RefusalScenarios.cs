using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>What is refused is told whole: every fault, each once, with its place and what would be right, so that one more round is enough.</summary>
public sealed class RefusalScenarios
{
    private const string LoneSurrogate = "This text is not valid Unicode: it holds a lone surrogate or bytes that are not UTF-8.";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"name":"\ud800"}""", "/name", LoneSurrogate)]
    [InlineData("""{"\udc00":1}""", "", LoneSurrogate)]
    [InlineData("""{"name":"orders","eventNames":["pointsIssued","\ud800"]}""", "/eventNames/1", LoneSurrogate)]
    [InlineData("""{"webHookHeaders":{"X-A":"\ud800"}}""", "/webHookHeaders/X-A", LoneSurrogate)]
    [InlineData("""{"webHookHeaders":{"X/A":"1","X/A":"2"}}""", "/webHookHeaders/X~1A", "The name 'X/A' is given twice.")]
    [InlineData("""{"name":"a","name":"b"}""", "/name", "The name 'name' is given twice.")]
    [InlineData("""{"name":…}""", "/name/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0", "This is nested deeper than 64 levels.")]
    [InlineData("{\n \"name\": 'orders'}", "/name", "This is not JSON: ''' does not fit at line 2, column 10.")]
    [InlineData("""{"name":"orders",""", "/name", "This is not JSON: ',' does not fit at line 1, column 17.")]
    [InlineData("""{"name":"ord""", "/name", "This is not whole JSON: it ends before it is complete.")]
    [InlineData("""{"name":1}}""", "", "This is not JSON: '}' does not fit at line 1, column 11.")]
    [InlineData("[]", "", "The request must be a JSON object.")]
    public async Task Poison_is_refused_with_its_place_wherever_json_is_taken(string body, string pointer, string message)
    {
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync("https://orders.example");
        body = body.Replace("…", new string('[', 10_000) + new string(']', 10_000), StringComparison.Ordinal);

        foreach (var (method, path) in new[] { ("POST", "/v3/webHooks"), ("PUT", $"/v3/webHooks/{webhook}"), ("POST", $"/v3/webHooks/{webhook}/replay"), ("POST", $"/v3/webHooks/{webhook}/test") })
            Assert.Equal([(pointer, message)], await RefusedAsync(app, method, path, body));
    }

    [Fact]
    public async Task Bytes_that_are_no_text_and_more_than_can_be_taken_are_refused()
    {
        await using var app = RunningApp.Start();

        using var bytes = new ByteArrayContent([.. "{\"name\":\""u8, 0xff, .. "\"}"u8]);
        foreach (var path in new[] { "/v3/webHooks", "/v3/events" })
        {
            using var broken = await app.Http.PostAsync(path, bytes, Cancel);
            Assert.Equal((400, LoneSurrogate), ((int)broken.StatusCode, (await broken.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("errors")[0].GetProperty("message").GetString()));
        }

        using var large = await app.Http.PostAsync("/v3/webHooks", new StringContent($"{{\"name\":\"{new string('x', 1024 * 1024)}\"}}"), Cancel);
        Assert.Equal(413, (int)large.StatusCode);
        using var none = await app.Http.PostAsync("/v3/webHooks", null, Cancel);
        Assert.Contains("There is no JSON here.", await none.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replay_tells_all_its_faults()
    {
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync("https://orders.example");

        Assert.Equal(
            [
                ("/since", "since must be a time such as 2026-03-01T12:00:00Z."), ("/eventName", "There is no event type 'lost'."), ("/statuses/0", "statuses[0] must be text."),
                ("/deliveryIds/1", "deliveryIds[1] must be a whole number."), ("/dryRun", "dryRun must be true or false."),
                ("/sice", "There is no field 'sice'; there are since, until, eventName, statuses, deliveryIds, dryRun."),
            ],
            await RefusedAsync(app, "POST", $"/v3/webHooks/{webhook}/replay", """{"since":"yesterday","eventName":"lost","statuses":[null],"deliveryIds":[1,"2"],"dryRun":"yes","sice":1}"""));
        Assert.Equal([("/statuses/1", "'lost' is no status to replay; there are failed, expired, delivered, retrying.")],
            await RefusedAsync(app, "POST", $"/v3/webHooks/{webhook}/replay", """{"statuses":["failed","lost"]}"""));
        Assert.Equal([("/eventName", "There is no event type 'lost'."), ("/source", "source must be example or last.")],
            await RefusedAsync(app, "POST", $"/v3/webHooks/{webhook}/test", """{"eventName":"lost","source":"first"}"""));
    }

    [Fact]
    public async Task An_event_tells_all_its_faults_each_once_and_by_name()
    {
        await using var app = RunningApp.Start();
        var message = JsonNode.Parse(Some.Event("e-1", "pointsExpired"))!.AsObject();
        message["orgId"] = "1655";
        message["createdAt"] = "yesterday";
        message["eventId"] = 5;
        message.Remove("refId");
        message["data"]!.AsObject().Remove("customerIdentifiers");
        message["data"]!["entityInformation"]!["entityType"] = 7;

        var refused = await RefusedAsync(app, "POST", "/v3/events", $"[{Some.Event("e-2")},{message.ToJsonString()}]");

        Assert.Equal(
            [
                ("/1/createdAt", "createdAt must be a number, the milliseconds since 1970 (UTC)."),
                ("/1/data/customerIdentifiers", "data.customerIdentifiers is required, but missing."),
                ("/1/data/entityInformation/entityType", "data.entityInformation.entityType must be a string, is an integer."),
                ("/1/eventId", "eventId must be text of 1 to 128 characters without control characters."),
                ("/1/orgId", "orgId must be the number 1655, this organization's own; it may be left out."),
                ("/1/refId", "refId is required, but missing."),
            ], refused.OrderBy(e => e.Pointer, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_place_inside_a_list_is_named_with_its_index()
    {
        await using var app = RunningApp.Start();
        var message = JsonNode.Parse(Some.Event("e-1", "IssueBulkCoupon"))!.AsObject();
        message["data"]!["coupons"]![1] = 7;

        Assert.Equal([("/data/coupons/1", "data.coupons[1] must be an object, is an integer.")], await RefusedAsync(app, "POST", "/v3/events", message.ToJsonString()));
    }

    [Fact]
    public async Task A_webhook_tells_all_its_faults_each_once_and_by_name()
    {
        await using var app = RunningApp.Start();

        var refused = await RefusedAsync(app, "POST", "/v3/webHooks", """
            {"name":" orders","webHookUrl":"ftp://orders.example","methodType":5,"maxAllowedConnections":"many","slaInSeconds":-1,"eventNames":["pointsIssued",7,"pointsIsued","nothing"],
             "webHookHeaders":{"Host":"a","X/A":5,"Content-Type":"b\r\n","X-B":""},"customerIdentifiersToBeEnriched":[1,"Pigeon"],"cardNumberEnrichmentEnabled":true}
            """);

        Assert.Equal(
            [
                ("/customerIdentifiersToBeEnriched/0", "customerIdentifiersToBeEnriched[0] must be text."),
                ("/eventNames/1", "eventNames[1] must be text."),
                ("/eventNames/2", "There is no event type 'pointsIsued'. Did you mean pointsIssued?"),
                ("/eventNames/3", "There is no event type 'nothing'."),
                ("/maxAllowedConnections", "maxAllowedConnections must be a whole number."),
                ("/methodType", "methodType must be text."),
                ("/name", "name: No spaces at the ends, and no character that nobody sees."),
                ("/slaInSeconds", "slaInSeconds: Between 0 (not tracked) and 86400 seconds."),
                ("/webHookHeaders/Content-Type", "Header 'Content-Type': Only printable ASCII characters on one line."),
                ("/webHookHeaders/Content-Type", "Header 'Content-Type': This header is set by EnsAdmin itself."),
                ("/webHookHeaders/Host", "Header 'Host': This header is set by EnsAdmin itself."),
                ("/webHookHeaders/X-B", "Header 'X-B': Give the header a value."),
                ("/webHookHeaders/X~1A", "Header 'X/A': Only letters, digits and !#$%&'*+-.^_`|~ ."),
                ("/webHookHeaders/X~1A", "The value of header 'X/A' must be text."),
            ], refused.Where(e => e.Pointer is not ("/webHookUrl" or "/customerIdentifiersToBeEnriched/1")).OrderBy(e => e.Pointer, StringComparer.Ordinal).ThenBy(e => e.Message, StringComparer.Ordinal));
        Assert.Single(refused, e => e.Pointer == "/webHookUrl");
        Assert.Single(refused, e => e.Pointer == "/customerIdentifiersToBeEnriched/1");
    }

    [Theory]
    [InlineData("maxAllowedConnections", "2147483648", "maxAllowedConnections: At most 1000 connections.")]
    [InlineData("maxAllowedConnections", "-99999999999999999999", "maxAllowedConnections: Maximum allowed connections must be above 0.")]
    [InlineData("slaInSeconds", "99999999999999999999", "slaInSeconds: Between 0 (not tracked) and 86400 seconds.")]
    [InlineData("replayWindowInHours", "2147483648", "replayWindowInHours: Between 1 and 168 hours (7 days); empty for the installation's own.")]
    [InlineData("slaInSeconds", "1e99", "slaInSeconds must be a whole number.")]
    public async Task A_number_that_is_too_large_is_told_its_range(string field, string number, string message)
    {
        await using var app = RunningApp.Start();
        var refused = await RefusedAsync(app, "POST", "/v3/webHooks", $$"""{"name":"orders","webHookUrl":"https://orders.example","eventNames":["pointsIssued"],{{(field == "maxAllowedConnections" ? "" : "\"maxAllowedConnections\":5,")}}"{{field}}":{{number}}}""");
        Assert.Equal([($"/{field}", message)], refused);
    }

    [Fact]
    public async Task A_change_that_cannot_be_read_is_held_against_the_stored_webhook_too()
    {
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync("https://orders.example");

        var refused = await RefusedAsync(app, "PUT", $"/v3/webHooks/{webhook}", """
            {"name":"other","webHookUrl":"https://orders.example","maxAllowedConnections":"5","eventNames":["pointsIssued"],"webHookHeaders":{"X-New":null}}
            """);

        Assert.Equal([("/maxAllowedConnections", "maxAllowedConnections must be a whole number."), ("/webHookHeaders/X-New", "Header 'X-New': Give the header a value."), ("/name", "name: The name 'orders' is fixed; it can't be changed.")], refused);
    }

    [Theory]
    [InlineData("""[["X-A","1"],["Host","2"]]""", "/webHookHeaders/1/0", "Header 'Host': This header is set by EnsAdmin itself.")]
    [InlineData("""[["Proxy-Authorization","Basic eA=="]]""", "/webHookHeaders/0/0", "Header 'Proxy-Authorization': This header belongs to the connection, a proxy or a trace; it can't be set here.")]
    [InlineData("""[{"key":"X-A","value":""}]""", "/webHookHeaders/0/value", "Header 'X-A': Give the header a value.")]
    [InlineData("""[{"name":"Host","value":"x"}]""", "/webHookHeaders/0/name", "Header 'Host': This header is set by EnsAdmin itself.")]
    [InlineData("""[["X-A"]]""", "/webHookHeaders/0", "A header must be [name, value] or {\"key\": name, \"value\": value}.")]
    [InlineData("""["X-A","1"]""", "/webHookHeaders/1", "A header must be [name, value] or {\"key\": name, \"value\": value}.")]
    [InlineData("5", "/webHookHeaders", "webHookHeaders must be an object of names and text values, or a list of [name, value].")]
    public async Task A_header_given_as_a_pair_is_pointed_to_by_its_place(string headers, string pointer, string message)
    {
        await using var app = RunningApp.Start();

        var refused = await RefusedAsync(app, "POST", "/v3/webHooks", """{"name":"orders","webHookUrl":"https://orders.example","maxAllowedConnections":5,"eventNames":["pointsIssued"],"webHookHeaders":…}""".Replace("…", headers, StringComparison.Ordinal));

        Assert.Contains((pointer, message), refused);
    }

    private static async Task<List<(string Pointer, string Message)>> RefusedAsync(RunningApp app, string method, string path, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body, Encoding.UTF8) };
        using var answer = await app.Http.SendAsync(request, Cancel);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        Assert.True((int)answer.StatusCode == 400, $"{(int)answer.StatusCode} {json}");
        return [.. json.GetProperty("errors").EnumerateArray().Select(e => (e.GetProperty("pointer").GetString()!, e.GetProperty("message").GetString()!))];
    }
}
