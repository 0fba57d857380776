using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Scenarios;

public sealed class WebhookApiScenarios
{
    [Fact]
    public async Task Who_knows_only_the_published_fields_leaves_how_it_is_replayed_as_it_is()
    {
        await using var app = RunningApp.Start();
        var own = Whole.Replace("\"methodType\"", "\"replayThrottledEnabled\":true,\"replayWindowInHours\":48,\"methodType\"");
        using var created = await app.Http.PostAsync("/v3/webHooks", new StringContent(own), TestContext.Current.CancellationToken);
        var path = $"/v3/webHooks/{(await created.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("data").GetProperty("webHookId").GetString()}";

        Assert.Equal((true, "48"), await PutAsync(Whole));
        Assert.Equal((false, "null"), await PutAsync(own.Replace("true,\"replayWindowInHours\":48", "false,\"replayWindowInHours\":null")));

        async Task<(bool, string)> PutAsync(string body)
        {
            using var put = await app.Http.PutAsync(path, new StringContent(body), TestContext.Current.CancellationToken);
            var stored = (await put.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("data");
            return (stored.GetProperty("replayThrottledEnabled").GetBoolean(), stored.GetProperty("replayWindowInHours").GetRawText());
        }
    }

    [Fact]
    public async Task Event_types_are_listed_and_one_is_shown_with_its_schema()
    {
        await using var app = RunningApp.Start();

        var all = (await app.Http.GetFromJsonAsync<JsonElement>("/v3/webHooks/eventMetaData", TestContext.Current.CancellationToken)).GetProperty("data").EnumerateArray().ToList();
        var one = (await app.Http.GetFromJsonAsync<JsonElement>($"/v3/webHooks/eventMetaData/{Some.EventName}", TestContext.Current.CancellationToken)).GetProperty("data");
        using var none = await app.Http.GetAsync("/v3/webHooks/eventMetaData/pointsIsued", TestContext.Current.CancellationToken);

        Assert.Contains(all, t => t.GetProperty("eventName").GetString() == Some.EventName && t.GetProperty("active").GetBoolean());
        Assert.Equal((86, 77), (all.Count, all.Count(t => t.GetProperty("active").GetBoolean())));
        Assert.Contains(all, t => t.GetProperty("eventName").GetString() == "registration" && !t.GetProperty("active").GetBoolean()); // A former name, which webhooks may still subscribe to.
        Assert.True(one.GetProperty("schema").TryGetProperty("properties", out _));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, none.StatusCode);
        Assert.Contains(Some.EventName, await none.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private const string Whole = """
        {"name":"erp","webHookUrl":"https://erp.example/hooks","methodType":"PUT","webHookType":"HTTP","webHookHeaders":{"Authorization":"Bearer s3cret-value"},
         "eventNames":["pointsIssued","customerAdded"],"maxAllowedConnections":7,"slaInSeconds":12,"customerIdentifiersToBeEnriched":["Instore","WeChat"],
         "tillDetailsEnrichmentEnabled":true,"storeDetailsEnrichmentEnabled":true,"awardedReferenceEnrichmentEnabled":true,"availablePointsBalanceEnrichmentEnabled":true}
        """;

    [Fact]
    public async Task A_webhook_is_created_read_changed_and_deleted_in_the_published_shape()
    {
        await using var app = RunningApp.Start();

        var created = await SendAsync(app, HttpMethod.Post, "/v3/webHooks", Whole);
        var webhook = created.Body.GetProperty("data");
        var path = $"/v3/webHooks/{webhook.GetProperty("webHookId").GetString()}";
        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Matches("^[0-9a-f]{24}$", webhook.GetProperty("webHookId").GetString());
        Assert.Equal(["customerAdded", "pointsIssued"], webhook.GetProperty("eventNames").EnumerateArray().Select(e => e.GetString()));
        Assert.Equal(webhook.GetRawText(), (await SendAsync(app, HttpMethod.Get, path)).Body.GetProperty("data").GetRawText());

        var changed = await SendAsync(app, HttpMethod.Put, path, Whole.Replace("\"pointsIssued\",", "").Replace("https://erp", "https://new-erp"));
        Assert.Equal(HttpStatusCode.OK, changed.Status);
        Assert.Equal(["customerAdded"], changed.Body.GetProperty("data").GetProperty("eventNames").EnumerateArray().Select(e => e.GetString()));

        var deleted = await SendAsync(app, HttpMethod.Delete, path);
        Assert.False(deleted.Body.GetProperty("data").GetProperty("active").GetBoolean());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(app, HttpMethod.Get, path)).Status);
        Assert.Empty((await SendAsync(app, HttpMethod.Get, "/v3/webHooks")).Body.GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task Header_values_are_sent_to_the_receiver_and_never_come_back_nor_lie_readable_on_disk()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        var created = await SendAsync(app, HttpMethod.Post, "/v3/webHooks", Whole.Replace("https://erp.example/hooks", receiver.Url));
        var id = created.Body.GetProperty("data").GetProperty("webHookId").GetString()!;
        await SendAsync(app, HttpMethod.Put, $"/v3/webHooks/{id}", Whole.Replace("https://erp.example/hooks", receiver.Url).Replace("\"Bearer s3cret-value\"", "null"));

        await app.PublishAcceptedAsync(Some.Event("e-1"));
        var call = (await receiver.ReceivedAsync(1))[0];
        var delivery = await app.DeliveryAsync(id, DeliveryStatus.Delivered);

        Assert.Equal(("PUT", "Bearer s3cret-value"), (call.Method, call.Headers["Authorization"]));
        Assert.DoesNotContain("s3cret", created.Body.GetRawText());
        Assert.DoesNotContain("s3cret", (await SendAsync(app, HttpMethod.Get, "/v3/webHooks")).Body.GetRawText());
        Assert.Contains("Authorization: ••••••", delivery.Attempts[0].Request);
        foreach (var file in Directory.GetFiles(app.DataDirectory, "ens.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
            Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes("s3cret")));
        }
    }

    [Theory]
    [InlineData("\"eventNames\":[\"pointsIssued\",\"customerAdded\"]", "\"eventNames\":[]", 51003, "/eventNames")]
    [InlineData("\"maxAllowedConnections\":7", "\"maxAllowedConnections\":0", 51007, "/maxAllowedConnections")]
    [InlineData("\"maxAllowedConnections\":7,", "", 300004, "/maxAllowedConnections")]
    [InlineData("\"maxAllowedConnections\":7", "\"maxAllowedConnections\":10.99", 400, "/maxAllowedConnections")]
    [InlineData("\"maxAllowedConnections\":7", "\"maxAllowedConnections\":2147483648", 51007, "/maxAllowedConnections")]
    [InlineData("\"HTTP\"", "\"QUEUE_INT\"", 400, "/webHookType")]
    [InlineData("\"erp\"", "\"erp\\u200B\"", 400, "/name")] // looks like erp
    [InlineData("\"erp\"", "\"e\\u202Epr\"", 400, "/name")]
    [InlineData("https://erp.example/hooks", "ftp://erp.example", 400, "/webHookUrl")]
    [InlineData("https://erp.example/hooks", "https://user:pass@erp.example", 400, "/webHookUrl")]
    [InlineData("Bearer s3cret-value", "a\\r\\nX-Evil: 1", 400, "/webHookHeaders/Authorization")]
    [InlineData("\"Authorization\"", "\"Host\"", 400, "/webHookHeaders/Host")]
    [InlineData("\"Authorization\"", "\"X-EnsAdmin-Test\"", 400, "/webHookHeaders/X-EnsAdmin-Test")]
    [InlineData("\"Authorization\"", "\"TraceParent\"", 400, "/webHookHeaders/TraceParent")]
    [InlineData("\"Authorization\"", "\"tracestate\"", 400, "/webHookHeaders/tracestate")]
    [InlineData("\"Authorization\"", "\"HTTP2-Settings\"", 400, "/webHookHeaders/HTTP2-Settings")]
    [InlineData("Bearer s3cret-value", "a\\tb", 400, "/webHookHeaders/Authorization")]
    [InlineData("Bearer s3cret-value", " \\t ", 400, "/webHookHeaders/Authorization")]
    [InlineData("\"PUT\"", "\"PATCH\"", 400, "/methodType")]
    [InlineData("\"Instore\"", "\"Carrier pigeon\"", 400, "/customerIdentifiersToBeEnriched/0")]
    [InlineData("pointsIssued", "pointsIsued", 400, "/eventNames/0")]
    public async Task A_wrong_field_is_refused_by_name(string right, string wrong, int code, string pointer)
    {
        await using var app = RunningApp.Start();
        Assert.Contains(right, Whole);

        var (status, body) = await SendAsync(app, HttpMethod.Post, "/v3/webHooks", Whole.Replace(right, wrong));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        var error = Assert.Single(body.GetProperty("errors").EnumerateArray());
        Assert.Equal((code, pointer), (error.GetProperty("code").GetInt32(), error.GetProperty("pointer").GetString()));
        Assert.Empty((await SendAsync(app, HttpMethod.Get, "/v3/webHooks")).Body.GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task A_name_is_unique_whatever_its_case_and_fixed_once_saved_but_free_again_after_deletion()
    {
        await using var app = RunningApp.Start();
        var id = (await SendAsync(app, HttpMethod.Post, "/v3/webHooks", Whole)).Body.GetProperty("data").GetProperty("webHookId").GetString();

        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(app, HttpMethod.Post, "/v3/webHooks", Whole.Replace("\"erp\"", "\"ERP\""))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(app, HttpMethod.Put, $"/v3/webHooks/{id}", Whole.Replace("\"erp\"", "\"erp-2\""))).Status);
        await SendAsync(app, HttpMethod.Delete, $"/v3/webHooks/{id}");
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(app, HttpMethod.Post, "/v3/webHooks", Whole)).Status);
    }

    [Fact]
    public async Task Of_many_that_want_a_name_at_the_same_moment_one_gets_it_and_the_log_tells_of_no_error()
    {
        using var log = new ErrorLog();
        await using var app = log.Start();
        for (var round = 0; round < 5; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SendAsync(app, HttpMethod.Post, "/v3/webHooks", Whole.Replace("\"erp\"", $"\"erp-{round}\""))));

            Assert.Single(answers, a => a.Status == HttpStatusCode.Created);
            Assert.All(answers.Where(a => a.Status != HttpStatusCode.Created), a => Assert.Equal((HttpStatusCode.BadRequest, "/name"), (a.Status, a.Body.GetProperty("errors")[0].GetProperty("pointer").GetString())));
        }

        Assert.Empty(log.Errors);
    }

    [Fact]
    public async Task A_host_in_another_script_comes_back_as_it_is_looked_up()
    {
        await using var app = RunningApp.Start();

        var (status, body) = await SendAsync(app, HttpMethod.Post, "/v3/webHooks", Whole.Replace("https://erp.example", "https://еrp.example"));

        Assert.Equal((HttpStatusCode.Created, "https://xn--rp-mlc.example/hooks"), (status, body.GetProperty("data").GetProperty("webHookUrl").GetString()));
    }

    [Fact]
    public async Task Headers_may_come_as_pairs_and_an_unknown_field_is_warned_about()
    {
        await using var app = RunningApp.Start();

        var (status, body) = await SendAsync(app, HttpMethod.Post, "/v3/webHooks",
            Whole.Replace("{\"Authorization\":\"Bearer s3cret-value\"}", "[{\"key\":\"X-Brand\",\"value\":\"harbour\"}]").Replace("\"PUT\"", "\"PUT\",\"colour\":\"blue\""));

        Assert.Equal(HttpStatusCode.Created, (await SendAsync(app, HttpMethod.Post, "/v3/webHooks", Whole.Replace("\"erp\"", "\"crm\"").Replace("{\"Authorization\":\"Bearer s3cret-value\"}", "[[\"X-Brand\",\"harbour\"]]"))).Status);
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal("X-Brand", body.GetProperty("data").GetProperty("webHookHeaders").EnumerateObject().Single().Name);
        Assert.Contains("'colour'", body.GetProperty("warnings")[0].GetProperty("message").GetString());
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(RunningApp app, HttpMethod method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = json is null ? null : new StringContent(json) };
        using var answer = await app.Http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }
}
