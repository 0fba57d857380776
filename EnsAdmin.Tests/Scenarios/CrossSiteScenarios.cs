using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnsAdmin.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>Pages of other origins that the admin visits: their scripts reach the API from the admin's own browser.</summary>
public sealed class CrossSiteScenarios(Browser browser) : IClassFixture<Browser>
{
    private const string Webhook = """{"name":"stolen","webHookUrl":"https://evil.example/","maxAllowedConnections":1,"eventNames":["pointsIssued"]}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", "/v3/webHooks", "Sec-Fetch-Site", "cross-site")]
    [InlineData("POST", "/v3/webHooks", "Sec-Fetch-Site", "same-site")]
    [InlineData("POST", "/v3/events", "Origin", "http://127.0.0.1:1")]
    [InlineData("POST", "/v3/events", "Origin", "null")]
    [InlineData("PUT", "/v3/webHooks/1", "Origin", "https://evil.example")]
    [InlineData("DELETE", "/v3/webHooks/1", "Origin", "https://evil.example")]
    [InlineData("POST", "/v3/deliveries/1/replay", "Sec-Fetch-Site", "cross-site")]
    [InlineData("POST", "/V3/webHooks/1/test", "Sec-Fetch-Site", "cross-site")]
    public async Task A_write_from_a_page_of_another_origin_is_refused(string method, string path, string header, string value)
    {
        await using var app = RunningApp.Start();

        var (status, body) = await SendAsync(app, method, path, (header, value));

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Equal(4000, body.GetProperty("errors")[0].GetProperty("code").GetInt32());
        Assert.Empty((await app.Http.GetFromJsonAsync<JsonElement>("/v3/webHooks", Cancel)).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task A_browser_that_asks_for_leave_first_gets_none()
    {
        await using var app = RunningApp.Start();
        using var asked = new HttpRequestMessage(HttpMethod.Options, "/v3/webHooks");
        foreach (var (name, value) in new[] { ("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST") }) asked.Headers.Add(name, value);

        using var answer = await app.Http.SendAsync(asked, Cancel);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.DoesNotContain(answer.Headers, h => h.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Programs_and_pages_of_the_same_origin_write_as_before_and_anybody_may_read()
    {
        await using var app = RunningApp.Start();
        var own = app.Url.TrimEnd('/');

        Assert.Equal(HttpStatusCode.Created, (await SendAsync(app, "POST", "/v3/webHooks")).Status);
        await app.Http.DeleteAsync($"/v3/webHooks/{(await app.Http.GetFromJsonAsync<JsonElement>("/v3/webHooks", Cancel)).GetProperty("data")[0].GetProperty("webHookId")}", Cancel);
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(app, "POST", "/v3/webHooks", ("Origin", own), ("Sec-Fetch-Site", "same-origin"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(app, "GET", "/v3/webHooks", ("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site"))).Status);
    }

    [Fact]
    public async Task A_browser_on_a_strange_page_creates_nothing()
    {
        await using var app = RunningApp.Start();
        await using var strange = await LoopbackServer.StartAsync(http =>
        {
            http.Response.ContentType = "text/html";
            return http.Response.WriteAsync("<h1>Win a prize</h1>");
        });
        await using var watched = await browser.OpenAsync();
        await watched.Page.GotoAsync(strange.Url);

        var answered = await watched.Page.EvaluateAsync<string>("([url, body]) => fetch(url, { method: 'POST', mode: 'no-cors', body }).then(a => a.type)", new[] { app.Url + "v3/webHooks", Webhook });

        Assert.Equal("opaque", answered);
        Assert.Empty((await app.Http.GetFromJsonAsync<JsonElement>("/v3/webHooks", Cancel)).GetProperty("data").EnumerateArray());
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(RunningApp app, string method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = method is "GET" ? null : new StringContent(Webhook) };
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        using var answer = await app.Http.SendAsync(request, Cancel);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel));
    }
}
