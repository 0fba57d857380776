using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnsAdmin.Access;
using EnsAdmin.Domain;
using EnsAdmin.People;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Network;

/// <summary>By which name a caller may come, and whose word on where they come from is taken.</summary>
public sealed class CallerTests
{
    private const string Client = "203.0.113.9";

    private static readonly (string, string) Proxies = ("Ens:Proxies", "127.0.0.0/8, 10.9.0.0/16");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("localhost", "", 200)]
    [InlineData("127.0.0.1:5080", "", 200)]
    [InlineData("[::1]:5080", "", 200)]
    [InlineData("192.168.1.20:5080", "", 200)]
    [InlineData("evil.example", "", 400)]
    [InlineData("localhost.evil.example", "", 400)]
    [InlineData("ens.example.com", "ens.example.com, *.example.org", 200)]
    [InlineData("ENS.example.com:8443", "ens.example.com", 200)]
    [InlineData("a.b.example.org", "ens.example.com, *.example.org", 200)]
    [InlineData("example.org", "*.example.org", 400)]
    [InlineData("evilexample.org", "*.example.org", 400)]
    [InlineData("anything.example", "*", 200)]
    public async Task Only_known_names_are_answered(string host, string allowed, int status)
    {
        await using var app = RunningApp.Start(settings: ("Ens:AllowedHosts", allowed));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v3/webHooks") { Headers = { Host = host } };
        using var answer = await app.Http.SendAsync(request, Cancel);

        Assert.Equal(status, (int)answer.StatusCode);
        if (status == 200) return;
        var error = (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("errors")[0];
        Assert.Contains("Ens:AllowedHosts", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        using var page = new HttpRequestMessage(HttpMethod.Get, "/sign-in") { Headers = { Host = host } };
        Assert.Equal((status, "text/plain"), await AnswerAsync(app, page));
    }

    [Theory]
    [InlineData("http://ens.example.com")]
    [InlineData("ens.example.com:8443")]
    [InlineData("*.*.example.com")]
    public async Task What_is_no_name_stops_the_start(string hosts)
    {
        var (exitCode, _, errors) = await ProgramRun.ToTheEndAsync(["--urls=http://127.0.0.1:0", $"--Ens:AllowedHosts={hosts}"]);
        Assert.Equal(1, exitCode);
        Assert.Contains($"Ens:AllowedHosts = \"{hosts}\": should be host names separated by commas", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Forwarded-For")]
    [InlineData("Forwarded")]
    public async Task Nobodys_word_is_taken_by_default(string header)
    {
        await using var app = RunningApp.Start();
        using var http = app.Client(await app.AddKeyAsync(RunningApp.OrgId, Scopes.All, networks: $"{Client}/32"));
        http.DefaultRequestHeaders.Add(header, Client);
        Assert.Equal(403, (int)(await http.GetAsync("/v3/webHooks", Cancel)).StatusCode);

        // A proxy that nobody has named makes no stranger a caller of its own network.
        using var near = app.Client(await app.AddKeyAsync(RunningApp.OrgId, Scopes.All, networks: "127.0.0.0/8"));
        Assert.Equal(200, (int)(await near.GetAsync("/v3/webHooks", Cancel)).StatusCode);
        near.DefaultRequestHeaders.Add(header, Client);
        Assert.Equal(403, (int)(await near.GetAsync("/v3/webHooks", Cancel)).StatusCode);
    }

    [Theory]
    [InlineData(Client, 200)]
    [InlineData($"{Client}, 10.9.4.4", 200)] // Two proxies of ours, one behind the other.
    [InlineData($"{Client}, 198.51.100.7", 403)] // What the client wrote itself counts for nothing.
    [InlineData("198.51.100.7", 403)]
    public async Task Behind_a_known_proxy_a_keys_networks_are_the_callers(string forwarded, int status)
    {
        await using var app = RunningApp.Start(settings: Proxies);
        using var http = app.Client(await app.AddKeyAsync(RunningApp.OrgId, Scopes.All, networks: $"{Client}/32"));
        http.DefaultRequestHeaders.Add("X-Forwarded-For", forwarded);
        Assert.Equal(status, (int)(await http.GetAsync("/v3/webHooks", Cancel)).StatusCode);
    }

    [Theory]
    [InlineData("127.0.0.0/8", Client, "https", true)]
    [InlineData("10.9.0.0/16", "127.0.0.1", "http", false)]
    public async Task Sessions_and_cookies_are_those_of_the_client_behind_the_proxy(string proxies, string seen, string scheme, bool secure)
    {
        await using var app = RunningApp.Start(settings: ("Ens:Proxies", proxies));
        var email = await app.AddUserAsync(Role.Operator);
        var page = await SendAsync(app, HttpMethod.Get, Paths.SignIn, null, scheme);
        var token = System.Text.RegularExpressions.Regex.Match(await page.Content.ReadAsStringAsync(Cancel), "name=\"__RequestVerificationToken\" value=\"([^\"]+)\"").Groups[1].Value;
        var antiforgery = page.Headers.GetValues("Set-Cookie").Single().Split(';')[0];

        using var answer = await SendAsync(app, HttpMethod.Post, Paths.SignIn, new FormUrlEncodedContent([
            new("Given.Email", email), new("Given.Password", RunningAppPeople.Password), new("_handler", "sign-in"), new("__RequestVerificationToken", token)]), scheme, antiforgery);

        Assert.Equal(302, (int)answer.StatusCode);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(c => c.Contains("ens-session", StringComparison.Ordinal));
        Assert.Equal(secure, cookie.StartsWith("__Host-ens-session=", StringComparison.Ordinal) && cookie.Contains("; secure", StringComparison.OrdinalIgnoreCase));
        var user = (await app.Services.GetRequiredService<Accounts>().FindAsync(email))!;
        Assert.Equal(seen, Assert.Single(await app.Services.GetRequiredService<Sessions>().OfAsync(user.Id, Cancel)).RemoteAddress);
    }

    [Theory]
    [InlineData("127.0.0.0/8", null, 200)]
    [InlineData("10.9.0.0/16", null, 403)]
    [InlineData("127.0.0.0/8, 10.9.0.0/16", "10.9.1.1", 403)] // Somebody unknown says so.
    public async Task Metrics_are_for_the_allowed_networks(string networks, string? forwarded, int status)
    {
        await using var app = RunningApp.Start(settings: ("Ens:Metrics:AllowedNetworks", networks));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        if (forwarded is not null) request.Headers.Add("X-Forwarded-For", forwarded);
        Assert.Equal(status, (await AnswerAsync(app, request)).Status);
    }

    [Fact]
    public async Task Metrics_behind_a_known_proxy_are_for_the_clients_network()
    {
        await using var app = RunningApp.Start(settings: [Proxies, ("Ens:Metrics:AllowedNetworks", $"{Client}/32")]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { { "X-Forwarded-For", Client } } };
        Assert.Equal(200, (await AnswerAsync(app, request)).Status);
        using var other = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        Assert.Equal(403, (await AnswerAsync(app, other)).Status);
    }

    private static async Task<HttpResponseMessage> SendAsync(RunningApp app, HttpMethod method, string path, HttpContent? content, string scheme, string? cookie = null)
    {
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(app.Url) };
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Add("X-Forwarded-For", Client);
        request.Headers.Add("X-Forwarded-Proto", scheme);
        request.Headers.Accept.ParseAdd("text/html");
        if (cookie is not null) request.Headers.Add("Cookie", cookie);
        return await http.SendAsync(request, Cancel);
    }

    private static async Task<(int Status, string? Type)> AnswerAsync(RunningApp app, HttpRequestMessage request)
    {
        using var answer = await app.Http.SendAsync(request, Cancel);
        return ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType);
    }
}
