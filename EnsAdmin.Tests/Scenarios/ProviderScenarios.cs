using System.Net;
using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.People;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>People sign in by a provider of OpenID Connect.</summary>
public sealed class ProviderScenarios
{
    private const string Keeper = "keeper@example.com";
    private const string List = "/o/1655/event-notifications";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_sign_in_makes_the_person_with_the_roles_of_the_claims_and_leads_to_the_page()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var app = await StartAsync(provider.Settings());
        provider.Claims = OpenIdProvider.Person("sam", "sam@example.com", "readers");
        using var http = app.Stranger();
        Assert.Contains("Sign in with Harbour ID", await http.GetStringAsync(Paths.SignIn, Cancel), StringComparison.Ordinal);

        Assert.Equal((200, List), await EnterAsync(http, List));

        Assert.Equal(403, await StatusAsync(http, "/o/1655/members"));
        var sam = (await app.Services.GetRequiredService<MemberStore>().AllAsync(RunningApp.OrgId, Cancel)).Single();
        Assert.Equal(("sam of the provider", "sam@example.com", Role.Viewer), (sam.Name, sam.Email, sam.Role));
        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        Assert.Equal(["user.added", "member.added"], await db.AuditEntries.Where(e => e.By == "Harbour ID").OrderBy(e => e.Id).Select(e => e.Action).ToListAsync(Cancel));
    }

    [Fact]
    public async Task Memberships_follow_the_claims_at_each_sign_in_and_who_has_none_left_is_out_at_once()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var app = await StartAsync(provider.Settings());
        provider.Claims = OpenIdProvider.Person("sam", "sam@example.com", "readers");
        using var http = app.Stranger();
        Assert.Equal((200, List), await EnterAsync(http, List));

        provider.Claims = OpenIdProvider.Person("sam", "sam.lee@example.com", "team", "strangers");
        using var again = app.Stranger();
        Assert.Equal((200, "/o/1655/members"), await EnterAsync(again, "/o/1655/members"));

        provider.Claims = OpenIdProvider.Person("sam", "sam@example.com", "strangers");
        using var last = app.Stranger();
        Assert.Equal((200, $"{Paths.SignIn}?provider=NoRole"), await EnterAsync(last, List));
        Assert.Equal(302, await StatusAsync(again, List));
        Assert.Empty(await app.Services.GetRequiredService<MemberStore>().AllAsync(RunningApp.OrgId, Cancel));
    }

    [Fact]
    public async Task A_claim_with_organizations_and_one_with_a_role_do_as_well_also_where_they_are_told_only_when_asked()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var app = await StartAsync(provider.Settings("chef=Admin"));
        await app.AddOrganizationAsync(7, "North Roast");
        provider.Claims = OpenIdProvider.Person("sam", "sam@example.com");
        provider.OnlyAsked = new() { ["groups"] = new[] { "chef" }, ["brands"] = new object[] { "1655", "7", "99" } };
        using var http = app.Stranger();

        Assert.Equal((200, "/o/7/members"), await EnterAsync(http, "/o/7/members"));
        Assert.Equal(200, await StatusAsync(http, "/o/1655/members"));
        Assert.Equal(404, await StatusAsync(http, "/o/99/members"));
    }

    [Fact]
    public async Task Nobody_is_let_in_whose_address_is_not_verified_or_who_has_no_role()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var app = await StartAsync(provider.Settings());
        provider.Claims = OpenIdProvider.Person("sam", "sam@example.com", "team");
        provider.Claims["email_verified"] = false;
        using var unverified = app.Stranger();
        Assert.Equal((200, $"{Paths.SignIn}?provider=MailNotVerified"), await EnterAsync(unverified, List));

        provider.Claims.Remove("email_verified");
        using var unsaid = app.Stranger();
        Assert.Equal((200, $"{Paths.SignIn}?provider=MailNotVerified"), await EnterAsync(unsaid, List));

        provider.Claims = OpenIdProvider.Person("sam", "sam@example.com", "Operator");
        using var noRole = app.Stranger();
        Assert.Equal((200, $"{Paths.SignIn}?provider=NoRole"), await EnterAsync(noRole, List));
        Assert.Equal(Keeper, Assert.Single(await app.Services.GetRequiredService<Accounts>().AllAsync(Cancel)).Email);
    }

    [Fact]
    public async Task An_account_of_the_same_address_is_taken_over_only_with_the_verified_claim_and_loses_its_password()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var app = await StartAsync(provider.Settings());
        var email = await app.AddUserAsync(Role.Viewer);
        provider.Claims = OpenIdProvider.Person("sam", email, "team");
        provider.Claims["email_verified"] = false;
        using var thief = app.Stranger();
        Assert.Equal((200, $"{Paths.SignIn}?provider=MailNotVerified"), await EnterAsync(thief, List));
        using (var stillMine = await app.SignedInAsync(email)) Assert.Equal(200, await StatusAsync(stillMine, List));

        provider.Claims["email_verified"] = true;
        using var owner = app.Stranger();
        Assert.Equal((200, "/o/1655/members"), await EnterAsync(owner, "/o/1655/members"));
        using var byPassword = app.Stranger();
        using var refused = await byPassword.SignInAsync(email, RunningAppPeople.Password);
        Assert.Equal(200, (int)refused.StatusCode);
        Assert.Equal(2, (await app.Services.GetRequiredService<Accounts>().AllAsync(Cancel)).Count);
    }

    [Fact]
    public async Task An_operators_account_and_one_with_a_second_factor_are_never_taken_over()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var app = await StartAsync(provider.Settings());
        var (keeper, careful) = (await app.AddUserAsync(Role.Operator), await app.AddUserAsync(Role.Viewer));
        await using (var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation())
            await db.Users.Where(u => u.Email == careful).ExecuteUpdateAsync(set => set.SetProperty(u => u.TwoFactorEnabled, true), Cancel);

        foreach (var email in new[] { keeper, careful })
        {
            provider.Claims = OpenIdProvider.Person("thief of " + email, email, "platform", "team");
            using var http = app.Stranger();
            Assert.Equal((200, $"{Paths.SignIn}?provider=LocalAccount"), await EnterAsync(http, List));
        }

        using var stillMine = await app.SignedInAsync(keeper);
        Assert.Equal(200, await StatusAsync(stillMine, Paths.Organizations));
    }

    [Fact]
    public async Task Before_there_is_an_operator_the_provider_lets_in_nobody_but_one()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var app = RunningApp.Start(settings: provider.Settings());
        provider.Claims = OpenIdProvider.Person("sam", "sam@example.com", "team");
        using var early = app.Stranger();
        Assert.Equal((200, $"{Paths.SignIn}?provider=NotSetUp"), await EnterAsync(early, List));

        provider.Claims = OpenIdProvider.Person("jo", "jo@example.com", "platform");
        using var keeper = app.Stranger();
        Assert.Equal((200, Paths.SystemStatus), await EnterAsync(keeper, Paths.SystemStatus));
        provider.Claims = OpenIdProvider.Person("jo", "jo@example.com", "team");
        using var last = app.Stranger();
        Assert.Equal((200, Paths.SystemStatus), await EnterAsync(last, Paths.SystemStatus)); // The last operator stays one.
    }

    [Fact]
    public async Task Another_subject_with_a_linked_persons_address_is_somebody_else()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var app = await StartAsync(provider.Settings());
        provider.Claims = OpenIdProvider.Person("sam", "sam@example.com", "team");
        using (var http = app.Stranger()) Assert.Equal((200, List), await EnterAsync(http, List));

        provider.Claims = OpenIdProvider.Person("new owner of the mailbox", "sam@example.com", "team");
        using var other = app.Stranger();
        Assert.Equal((200, $"{Paths.SignIn}?provider=LocalAccount"), await EnterAsync(other, List));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("audience")]
    [InlineData("issuer")]
    [InlineData("nonce")]
    [InlineData("time")]
    public async Task A_token_that_is_not_the_providers_own_word_for_this_sign_in_is_refused(string wrong)
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var app = await StartAsync(provider.Settings());
        provider.Claims = OpenIdProvider.Person("sam", "sam@example.com", "platform");
        provider.IsForged = wrong == "key";
        provider.Tamper = token =>
        {
            if (wrong == "audience") token.Audience = "another program";
            if (wrong == "issuer") token.Issuer = "http://elsewhere.example";
            if (wrong == "nonce") token.Claims["nonce"] = "of another sign-in";
            if (wrong == "time") (token.IssuedAt, token.NotBefore, token.Expires) = (token.IssuedAt!.Value.AddHours(-2), token.IssuedAt.Value.AddHours(-2), token.IssuedAt.Value.AddHours(-1));
        };
        using var http = app.Stranger();

        Assert.Equal((200, $"{Paths.SignIn}?provider=failed"), await EnterAsync(http, List));
        Assert.Equal(Keeper, Assert.Single(await app.Services.GetRequiredService<Accounts>().AllAsync(Cancel)).Email);
    }

    [Fact]
    public async Task An_answer_that_this_browser_did_not_ask_for_is_refused_and_no_link_leads_elsewhere()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var app = await StartAsync(provider.Settings());
        provider.Claims = OpenIdProvider.Person("sam", "sam@example.com", "team");
        using var attacker = app.Stranger();
        var answer = await UntilAsync(attacker, $"{Paths.Provider}?returnUrl=%2F%2Fevil.example", a => a.AbsolutePath == Paths.Provider + "/answer");
        using var victim = app.Stranger();
        Assert.Equal((200, $"{Paths.SignIn}?provider=failed"), await FollowAsync(victim, answer));
        Assert.Equal((200, List), await FollowAsync(attacker, answer)); // By way of the start page, and not of evil.example.
    }

    [Fact]
    public async Task Signing_out_ends_the_session_here_and_offers_to_end_it_there()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var app = await StartAsync(provider.Settings());
        provider.Claims = OpenIdProvider.Person("sam", "sam@example.com", "team");
        using var http = app.Stranger();
        Assert.Equal((200, List), await EnterAsync(http, List));

        var token = System.Text.RegularExpressions.Regex.Match(await http.GetStringAsync(List, Cancel), "name=\"__RequestVerificationToken\" value=\"([^\"]+)\"").Groups[1].Value;
        using var left = await http.PostAsync(Paths.SignOut, new FormUrlEncodedContent([KeyValuePair.Create("__RequestVerificationToken", token)]), Cancel);
        Assert.Equal($"{Paths.SignIn}?left=true", left.Headers.Location?.OriginalString);
        Assert.Contains("Sign out of Harbour ID too", await http.GetStringAsync(left.Headers.Location, Cancel), StringComparison.Ordinal);
        Assert.Equal(302, await StatusAsync(http, List));

        Assert.Equal((200, Paths.SignIn), await FollowAsync(http, new Uri(new Uri(app.Url), Paths.ProviderEnd)));
        Assert.Equal(1, provider.SignedOut);
    }

    [Fact]
    public async Task A_provider_that_is_away_is_said_so_and_passwords_go_on()
    {
        var provider = await OpenIdProvider.StartAsync();
        var settings = provider.Settings();
        await provider.DisposeAsync();
        await using var app = await StartAsync(settings);
        using var http = app.Stranger();
        Assert.Equal((200, $"{Paths.SignIn}?provider=unreachable"), await EnterAsync(http, List));
        using var byPassword = await app.SignedInAsync(Role.Viewer);
        Assert.Equal(200, await StatusAsync(byPassword, List));
    }

    [Fact]
    public async Task A_person_of_the_provider_has_no_password_and_adds_no_passkey_here()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var app = await StartAsync(provider.Settings());
        provider.Claims = OpenIdProvider.Person("sam", "sam@example.com", "team");
        using var http = app.Stranger();
        Assert.Equal((200, Paths.Profile), await EnterAsync(http, Paths.Profile));
        var page = await http.GetStringAsync(Paths.Profile, Cancel);
        Assert.Contains("You sign in with Harbour ID", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Add a passkey", page, StringComparison.Ordinal);
        var sam = (await app.Services.GetRequiredService<Accounts>().FindAsync("sam@example.com"))!;
        var passkey = new Microsoft.AspNetCore.Identity.UserPasskeyInfo([1], [2], TimeProvider.System.GetUtcNow(), 0, null, true, false, false, [3], [4]);
        Assert.Equal("Passkey", Assert.Single(await app.Services.GetRequiredService<SecondFactor>().AddPasskeyAsync(sam.Id, passkey, "laptop", Some.Actor)).Field);
    }

    /// <summary>An installation that has its operator.</summary>
    private static async Task<RunningApp> StartAsync((string, string)[] settings)
    {
        var app = RunningApp.Start(settings: settings);
        await app.AddUserAsync(Role.Operator, Keeper);
        return app;
    }

    private static Task<(int Status, string Path)> EnterAsync(HttpClient http, string page) => FollowAsync(http, new Uri(http.BaseAddress!, $"{Paths.Provider}?returnUrl={Uri.EscapeDataString(page)}"));

    /// <summary>Goes where it is led, as a browser does.</summary>
    private static async Task<(int Status, string Path)> FollowAsync(HttpClient http, Uri address)
    {
        for (var step = 0; step < 12; step++)
        {
            using var answer = await http.GetAsync(address, Cancel);
            if (answer.Headers.Location is not { } next) return ((int)answer.StatusCode, address.PathAndQuery);
            address = new Uri(address, next);
        }

        throw new InvalidOperationException("It leads round in circles.");
    }

    private static async Task<Uri> UntilAsync(HttpClient http, string path, Func<Uri, bool> isThere)
    {
        var address = new Uri(http.BaseAddress!, path);
        while (!isThere(address))
        {
            using var answer = await http.GetAsync(address, Cancel);
            address = new Uri(address, answer.Headers.Location!);
        }

        return address;
    }

    private static async Task<int> StatusAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path, Cancel);
        return (int)answer.StatusCode;
    }
}
