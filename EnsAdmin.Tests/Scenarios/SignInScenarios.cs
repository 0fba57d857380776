using System.Net;
using System.Text.RegularExpressions;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.People;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

public sealed partial class SignInScenarios
{
    private const string List = "/o/1655/event-notifications";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stranger_is_led_to_the_sign_in_page_and_from_there_to_the_page()
    {
        await using var app = RunningApp.Start();
        var email = await app.AddUserAsync(Role.Viewer);
        using var http = app.Stranger();

        using var led = await http.GetAsync(List, Cancel);
        Assert.Equal(Paths.SignInTo(List), led.Headers.Location!.PathAndQuery);
        using var signedIn = await http.SignInAsync(email, RunningAppPeople.Password, Paths.SignInTo(List));
        Assert.Equal(List, signedIn.Headers.Location!.AbsolutePath);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, List));
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("javascript:alert(1)")]
    public async Task The_sign_in_page_leads_to_nobody_elses_page(string returnUrl)
    {
        await using var app = RunningApp.Start();
        using var http = app.Stranger();
        using var answer = await http.SignInAsync(await app.AddUserAsync(Role.Viewer), RunningAppPeople.Password, Paths.SignInTo(returnUrl));
        Assert.Equal(app.Url, answer.Headers.Location!.ToString());
    }

    [Fact]
    public async Task A_wrong_password_an_unknown_address_and_a_disabled_person_get_the_same_answer()
    {
        await using var app = RunningApp.Start();
        var (known, disabled) = (await app.AddUserAsync(Role.Viewer), await app.AddUserAsync(Role.Viewer));
        var accounts = app.Services.GetRequiredService<Accounts>();
        await accounts.DisableAsync((await accounts.FindAsync(disabled))!.Id, true, Some.Actor);

        string[] answers = [await RefusedAsync(app, known, "not the right one"), await RefusedAsync(app, "nobody@example.com", RunningAppPeople.Password), await RefusedAsync(app, disabled, RunningAppPeople.Password)];

        Assert.Contains("This did not work.", answers[0], StringComparison.Ordinal);
        Assert.Single(answers.Distinct());
        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        Assert.Equal([$"user {known}", "an unknown address", $"user {disabled}"], await db.AuditEntries.Where(e => e.Action == "user.signInRefused").OrderBy(e => e.Id).Select(e => e.Subject).ToListAsync(Cancel));
    }

    [Fact]
    public async Task After_five_wrong_passwords_the_right_one_waits_for_five_minutes()
    {
        var clock = Some.Clock();
        await using var app = RunningApp.Start(clock);
        var email = await app.AddUserAsync(Role.Viewer);
        using var http = app.Stranger();
        for (var i = 0; i < 5; i++) Assert.Equal(200, (int)(await http.SignInAsync(email, $"wrong password {i}")).StatusCode);

        Assert.Equal(200, (int)(await http.SignInAsync(email, RunningAppPeople.Password)).StatusCode);
        clock.Advance(TimeSpan.FromMinutes(5.1));
        Assert.Equal(302, (int)(await http.SignInAsync(email, RunningAppPeople.Password)).StatusCode);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_for_whoever_has_kept_the_cookie()
    {
        await using var app = RunningApp.Start();
        var cookies = new CookieContainer();
        using var http = app.Stranger(cookies);
        using var signedIn = await http.SignInAsync(await app.AddUserAsync(Role.Viewer), RunningAppPeople.Password);
        using var copy = app.Stranger();
        copy.DefaultRequestHeaders.Add("Cookie", cookies.GetCookieHeader(new Uri(app.Url)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(copy, List));

        var profile = await http.GetStringAsync(Paths.Profile, Cancel);
        var token = AntiforgeryToken().Match(profile).Groups[1].Value;
        using var answer = await http.PostAsync(Paths.SignOut, new FormUrlEncodedContent([KeyValuePair.Create("__RequestVerificationToken", token)]), Cancel);
        Assert.Equal(Paths.SignIn, answer.Headers.Location?.OriginalString);

        Assert.Equal(HttpStatusCode.Redirect, await StatusAsync(copy, List));
    }

    [Fact]
    public async Task A_post_from_another_site_does_nothing()
    {
        await using var app = RunningApp.Start();
        using var http = await app.SignedInAsync(Role.Admin);
        foreach (var path in new[] { Paths.SignOut, Paths.PasskeyRequest, Paths.PasskeyCreation, Paths.Passkeys })
            Assert.Equal((path, 400), (path, (int)(await http.PostAsync(path, new StringContent(""), Cancel)).StatusCode));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, List));
    }

    [Fact]
    public async Task Another_password_by_an_operator_ends_every_session()
    {
        await using var app = RunningApp.Start();
        var email = await app.AddUserAsync(Role.Viewer);
        using var http = await app.SignedInAsync(email);
        var accounts = app.Services.GetRequiredService<Accounts>();

        Assert.Empty(await accounts.ResetAsync((await accounts.FindAsync(email))!.Id, "walnut ferry nine clouds", false, Some.Actor));

        Assert.Equal(HttpStatusCode.Redirect, await StatusAsync(http, List));
        Assert.Equal(302, (int)(await http.SignInAsync(email, "walnut ferry nine clouds")).StatusCode);
    }

    [Fact]
    public async Task A_session_ends_after_twelve_hours_without_a_visit()
    {
        var clock = Some.Clock();
        await using var app = RunningApp.Start(clock);
        using var http = await app.SignedInAsync(Role.Viewer);
        for (var visit = 0; visit < 3; visit++)
        {
            clock.Advance(TimeSpan.FromHours(11));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, List));
            await SeenAsync(app, clock.GetUtcNow());
        }

        clock.Advance(TimeSpan.FromHours(12.1));
        Assert.Equal(HttpStatusCode.Redirect, await StatusAsync(http, List));
    }

    [Theory]
    [InlineData(Role.Viewer, "/o/1655/event-notifications/new", 403)]
    [InlineData(Role.Viewer, "/o/1655/members", 403)]
    [InlineData(Role.Viewer, "/organizations", 403)]
    [InlineData(Role.Viewer, "/o/1655/api-keys", 200)]
    [InlineData(Role.Admin, "/o/1655/event-notifications/new", 200)]
    [InlineData(Role.Admin, "/o/1655/members", 200)]
    [InlineData(Role.Admin, "/organizations", 403)]
    [InlineData(Role.Operator, "/organizations", 200)]
    public async Task A_page_opens_to_the_role_that_it_needs(Role role, string page, int status)
    {
        await using var app = RunningApp.Start();
        using var http = await app.SignedInAsync(role);
        Assert.Equal(status, (int)await StatusAsync(http, page));
    }

    [Fact]
    public async Task A_role_that_is_taken_counts_at_once()
    {
        await using var app = RunningApp.Start();
        var email = await app.AddUserAsync(Role.Admin);
        using var http = await app.SignedInAsync(email);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/o/1655/members"));
        var (members, userId) = (app.Services.GetRequiredService<MemberStore>(), (await app.Services.GetRequiredService<Accounts>().FindAsync(email))!.Id);

        Assert.True(await members.SetRoleAsync(RunningApp.OrgId, userId, Role.Viewer, Some.Actor, Cancel));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(http, "/o/1655/members"));
        await members.RemoveAsync(RunningApp.OrgId, userId, Some.Actor, Cancel);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(http, List));
    }

    private static async Task<string> RefusedAsync(RunningApp app, string email, string password)
    {
        using var http = app.Stranger();
        using var answer = await http.SignInAsync(email, password);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var page = await answer.Content.ReadAsStringAsync(Cancel);
        var shown = page[page.IndexOf("<main", StringComparison.Ordinal)..page.IndexOf("</main>", StringComparison.Ordinal)];
        return AntiforgeryToken().Replace(shown, "").Replace(email, "");
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path, Cancel);
        return answer.StatusCode;
    }

    // The visit is noted in a commit of its own, right after the answer.
    private static Task SeenAsync(RunningApp app, DateTimeOffset at) => Eventually.HoldsAsync(async () =>
    {
        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        return await db.UserSessions.AnyAsync(s => s.LastSeenAt == at);
    }, () => "the visit is noted");

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex AntiforgeryToken();
}
