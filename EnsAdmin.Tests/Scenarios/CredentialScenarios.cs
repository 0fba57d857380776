using System.Text.RegularExpressions;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.People;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>What people sign in with: who guesses it, and who would like to add to it.</summary>
public sealed partial class CredentialScenarios
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_wrong_passwords_at_once_each_is_counted_and_told()
    {
        await using var app = RunningApp.Start(settings: ("Ens:Limits:FailedSignInsPerAddress", "10"));
        var email = await app.AddUserAsync(Role.Viewer);
        var tries = await Task.WhenAll(Enumerable.Range(0, 14).Select(async i =>
        {
            using var http = app.Stranger();
            return (int)(await http.SignInAsync(email, $"wrong password {i}")).StatusCode;
        }));

        Assert.Equal((10, 4), (tries.Count(t => t == 200), tries.Count(t => t == 429)));
        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        Assert.Equal(10, await db.AuditEntries.CountAsync(e => e.Action == "user.signInRefused" && e.Subject == $"user {email}", Cancel));
        Assert.NotNull((await db.Users.SingleAsync(u => u.Email == email, Cancel)).LockoutEnd);
    }

    [Fact]
    public async Task Five_wrong_codes_are_told_and_the_right_one_waits()
    {
        var clock = Some.Clock();
        await using var app = RunningApp.Start(clock);
        var email = await app.AddUserAsync(Role.Viewer);
        var (factors, user) = (app.Services.GetRequiredService<SecondFactor>(), (await app.Services.GetRequiredService<Accounts>().FindAsync(email))!);
        var key = await factors.NewKeyAsync();
        Assert.Empty((await factors.TurnOnAsync(user.Id, key, Totp.Code(key, clock.GetUtcNow()), RunningAppPeople.Password, Guid.Empty, Some.Actor)).Errors);
        using var http = app.Stranger();
        Assert.Equal(302, (int)(await http.SignInAsync(email, RunningAppPeople.Password)).StatusCode);
        clock.Advance(TimeSpan.FromMinutes(1));

        foreach (var address in new[] { Paths.SecondFactor, Paths.SecondFactor, Paths.SecondFactor, Paths.SecondFactor + "?recovery=true", Paths.SecondFactor + "?recovery=true" })
            Assert.Equal(200, (int)(await http.SendFormAsync(address, "code", ("Code", "no code"))).StatusCode);
        Assert.Equal(200, (int)(await http.SendFormAsync(Paths.SecondFactor, "code", ("Code", Totp.Code(key, clock.GetUtcNow())))).StatusCode);

        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        Assert.Equal(6, await db.AuditEntries.CountAsync(e => e.Action == "user.signInRefused" && e.Subject == $"user {email}", Cancel));
    }

    [Fact]
    public async Task A_passkey_is_begun_by_the_password_alone_and_taken_away_with_the_second_factor()
    {
        await using var app = RunningApp.Start();
        var email = await app.AddUserAsync(Role.Viewer);
        using var http = await app.SignedInAsync(email);
        http.DefaultRequestHeaders.Add("RequestVerificationToken", AntiforgeryToken().Match(await http.GetStringAsync(Paths.Profile, Cancel)).Groups[1].Value);
        async Task<int> AskAsync(string path, HttpContent content) => (int)(await http.PostAsync(path, content, Cancel)).StatusCode;
        static FormUrlEncodedContent Said(string password) => new([KeyValuePair.Create("password", password)]);

        Assert.Equal(403, await AskAsync(Paths.PasskeyCreation, new StringContent("")));
        Assert.Equal(403, await AskAsync(Paths.PasskeyCreation, Said("not the right one")));
        Assert.Equal(400, await AskAsync(Paths.Passkeys, new StringContent("{}"))); // No ceremony has begun.
        Assert.Equal(200, await AskAsync(Paths.PasskeyCreation, Said(RunningAppPeople.Password)));
        Assert.Equal(400, await AskAsync(Paths.Passkeys, new StringContent("{}")));
        using var stranger = app.Stranger();
        using var refused = await stranger.SendFormAsync(Paths.SignIn, "passkey", ("Credential", "{}"));
        Assert.Contains("This passkey was not accepted.", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);

        var (factors, accounts) = (app.Services.GetRequiredService<SecondFactor>(), app.Services.GetRequiredService<Accounts>());
        var userId = (await accounts.FindAsync(email))!.Id;
        Assert.Empty(await factors.AddPasskeyAsync(userId, new UserPasskeyInfo([1], [2], TimeProvider.System.GetUtcNow(), 0, null, true, false, false, [3], [4]), "laptop", Some.Actor));
        Assert.Empty(await accounts.ResetAsync(userId, "walnut ferry nine clouds", false, Some.Actor));
        Assert.Single((await factors.OfAsync(userId)).Passkeys);
        Assert.Empty(await accounts.ResetAsync(userId, "walnut ferry nine clouds", true, Some.Actor));
        Assert.Empty((await factors.OfAsync(userId)).Passkeys);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex AntiforgeryToken();
}
