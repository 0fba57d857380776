using System.Net;
using System.Text.RegularExpressions;
using EnsAdmin.Domain;
using EnsAdmin.People;
using EnsAdmin.Shared;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Support;

/// <summary>People of a running application, and the way they come in.</summary>
public static partial class RunningAppPeople
{
    /// <summary>Everybody's.</summary>
    public const string Password = "otter maple seven kites";

    /// <summary>Adds somebody as an operator, or as a member of the organization.</summary>
    /// <returns>The e-mail address.</returns>
    public static async Task<string> AddUserAsync(this RunningApp app, Role role, string? email = null, int orgId = RunningApp.OrgId)
    {
        email ??= $"{Guid.NewGuid():N}@example.com";
        var errors = await app.Services.GetRequiredService<Accounts>()
            .AddAsync(new NewAccount(email, $"{role} of the test", Password, role == Role.Operator, role == Role.Operator ? null : orgId, role), Some.Actor);
        Assert.Empty(errors);
        return email;
    }

    /// <summary>A client that keeps cookies, follows nothing and asks for pages.</summary>
    public static HttpClient Stranger(this RunningApp app, CookieContainer? cookies = null)
    {
        var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = cookies ?? new CookieContainer() }) { BaseAddress = new Uri(app.Url) };
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        return client;
    }

    /// <summary>The same after the sign-in of somebody new.</summary>
    public static async Task<HttpClient> SignedInAsync(this RunningApp app, Role role, int orgId = RunningApp.OrgId) => await app.SignedInAsync(await app.AddUserAsync(role, orgId: orgId));

    public static async Task<HttpClient> SignedInAsync(this RunningApp app, string email)
    {
        var client = app.Stranger();
        using var answer = await client.SignInAsync(email, Password);
        Assert.Equal((302, Paths.Home), ((int)answer.StatusCode, answer.Headers.Location?.AbsolutePath));
        return client;
    }

    public static Task<HttpResponseMessage> SignInAsync(this HttpClient client, string email, string password, string address = Paths.SignIn) =>
        client.SendFormAsync(address, "sign-in", ("Given.Email", email), ("Given.Password", password));

    /// <summary>Opens a page and sends its form, as a browser does.</summary>
    public static async Task<HttpResponseMessage> SendFormAsync(this HttpClient client, string address, string form, params (string Name, string Value)[] fields)
    {
        var page = await client.GetStringAsync(address);
        var token = AntiforgeryToken().Match(page).Groups[1].Value;
        Assert.NotEmpty(token);
        var sent = fields.Append((Name: "_handler", Value: form)).Append((Name: "__RequestVerificationToken", Value: token)).Select(f => KeyValuePair.Create(f.Name, f.Value));
        return await client.PostAsync(address, new FormUrlEncodedContent(sent));
    }

    /// <summary>A fresh page of somebody new, who has signed in.</summary>
    public static async Task<WatchedPage> OpenAsync(this Browser browser, RunningApp app, Role role = Role.Admin)
    {
        var page = await browser.OpenAsync();
        await page.SignInAsync(app.Url, await app.AddUserAsync(role));
        return page;
    }

    /// <summary>Fills the sign-in page in.</summary>
    public static async Task SignInAsync(this WatchedPage watched, string url, string email)
    {
        await watched.Page.GotoAsync(url.TrimEnd('/') + Paths.SignIn);
        await watched.Page.GetByLabel("E-mail").FillAsync(email);
        await watched.Page.GetByLabel("Password").FillAsync(Password);
        await watched.Page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await watched.InteractiveAsync();
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex AntiforgeryToken();
}
