using System.Net.Http.Json;
using System.Text.Json;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>Whatever is asked under /v3, the answer has the one form that scripts read.</summary>
public sealed class AnswerFormScenarios
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/v3/nothing", 404, "There is no GET /v3/nothing.")]
    [InlineData("POST", "/v3", 404, "There is no POST /v3.")]
    [InlineData("GET", "/v3/events", 405, "There is no GET /v3/events; it takes POST.")]
    [InlineData("PUT", "/v3/webHooks", 405, "There is no PUT /v3/webHooks; it takes GET, POST.")]
    [InlineData("PATCH", "/v3/webHooks/5f2b8c1d9e3a4b6c7d8e9f01", 405, "There is no PATCH /v3/webHooks/5f2b8c1d9e3a4b6c7d8e9f01; it takes GET, PUT, DELETE.")]
    [InlineData("POST", "/v3/deliveries/abc/replay", 400, "id must be a whole number, is 'abc'.")]
    [InlineData("DELETE", "/v3/webHooks/5f2b8c1d9e3a4b6c7d8e9f01/replay/x", 400, "replayId must be a whole number, is 'x'.")]
    [InlineData("GET", "/v3/events/consumer-groups/zzz/logs", 400, "id must be an id such as 0d9a4c1e-5b7f-4c63-9d0e-2f6b8a17c345, is 'zzz'.")]
    [InlineData("GET", "/v3/events/consumer-groups/zzz/metrics", 400, "id must be an id such as 0d9a4c1e-5b7f-4c63-9d0e-2f6b8a17c345, is 'zzz'.")]
    [InlineData("GET", "/v3/events/consumer-groups/0d9a4c1e-5b7f-4c63-9d0e-2f6b8a17c345/metrics?since=yesterday", 400, "since must be a time such as 2026-03-01T12:00:00Z, is 'yesterday'.")]
    [InlineData("GET", "/v3/events/consumer-groups/0d9a4c1e-5b7f-4c63-9d0e-2f6b8a17c345/logs?limit=many", 400, "limit must be a whole number, is 'many'.")]
    public async Task A_call_that_does_not_exist_is_answered_in_the_form_and_with_a_sentence(string method, string path, int status, string message)
    {
        await using var app = RunningApp.Start();

        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await app.Http.SendAsync(request, Cancel);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(JsonValueKind.Null, body.GetProperty("data").ValueKind);
        var error = Assert.Single(body.GetProperty("errors").EnumerateArray());
        Assert.Equal((status, message), (error.GetProperty("code").GetInt32(), error.GetProperty("message").GetString()));
    }
}
