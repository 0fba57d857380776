using EnsAdmin.Domain;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Network;

public sealed class SecurityHeaderTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Paths.SignIn)]
    [InlineData("/o/1655/event-notifications")]
    [InlineData("/o/1655/nowhere")]
    [InlineData("/setup?token=none")]
    [InlineData("/health/live")]
    [InlineData("/metrics")]
    public async Task Every_page_says_what_browsers_have_to_refuse(string path)
    {
        await using var app = RunningApp.Start();
        using var http = await app.SignedInAsync(Role.Operator);

        using var answer = await http.GetAsync(path, Cancel);

        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("DENY", Assert.Single(answer.Headers.GetValues("X-Frame-Options")));
        Assert.Equal(path.StartsWith(Paths.Setup, StringComparison.Ordinal) ? "no-referrer" : "same-origin", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.Contains("camera=()", Assert.Single(answer.Headers.GetValues("Permissions-Policy")), StringComparison.Ordinal);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.False(answer.Headers.Contains("Strict-Transport-Security")); // It is no HTTPS.
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData("/v3/webHooks")]
    [InlineData("/v3/nothing")]
    public async Task Answers_of_the_API_are_kept_nowhere_and_guessed_at_by_nobody(string path)
    {
        await using var app = RunningApp.Start();
        using var answer = await app.Http.GetAsync(path, Cancel);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
    }

    [Theory]
    [InlineData("/app.css")]
    [InlineData("/_framework/blazor.web.js")]
    [InlineData("/_content/MudBlazor/MudBlazor.min.js?v=9.12.0")]
    public async Task Files_may_be_kept_by_browsers(string path)
    {
        await using var app = RunningApp.Start();
        using var answer = await app.Http.GetAsync(path, Cancel);
        Assert.True(answer.IsSuccessStatusCode);
        Assert.False(answer.Headers.CacheControl?.NoStore);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task No_page_has_a_script_of_its_own()
    {
        await using var app = RunningApp.Start();
        using var http = await app.SignedInAsync(Role.Operator);
        foreach (var path in new[] { Paths.SignIn, "/o/1655/event-notifications", Paths.Profile, "/setup" })
        {
            using var answer = await http.GetAsync(path, Cancel);
            var html = await answer.Content.ReadAsStringAsync(Cancel);
            Assert.DoesNotMatch("<script(?![^>]*\\ssrc=)", html);
            Assert.DoesNotMatch("\\son[a-z]+=\"", html);
        }
    }
}
