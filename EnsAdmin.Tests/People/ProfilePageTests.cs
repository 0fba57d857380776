using Bunit;
using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.People;
using EnsAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.People;

public sealed class ProfilePageTests : ScreenTestBase
{
    private const string Password = "otter maple seven kites";

    private Accounts Accounts => Services.GetRequiredService<Accounts>();

    [Fact]
    public async Task A_name_is_saved_and_noted()
    {
        var page = await OpenAsync();
        await page.Find("input[aria-label='Your name']").ChangeAsync("Jo R.");
        await SubmitAsync(page, "Save name");

        Assert.Equal("Jo R.", (await Accounts.FindAsync("jo@example.com"))!.DisplayName);
        await using var db = Services.GetRequiredService<EnsContexts>().OfInstallation();
        var entry = await db.AuditEntries.SingleAsync(e => e.Action == "user.renamed", Cancel);
        Assert.Equal(("Jo Rivera", """{"name":"Jo Rivera"}""", """{"name":"Jo R."}"""), (entry.By, entry.Before, entry.After));
    }

    [Fact]
    public async Task A_password_is_changed_only_by_who_knows_the_old_one()
    {
        var page = await OpenAsync();
        await FillAsync(page, "not the old one", "walnut ferry nine clouds");
        Assert.Contains("This is not your password", page.Markup, StringComparison.Ordinal);
        await FillAsync(page, Password, "password1234");
        Assert.Contains("one of the first passwords", page.Markup, StringComparison.Ordinal);

        var (mine, other) = (await SessionsAsync(), await Services.GetRequiredService<Sessions>().BeginAsync(Visitor.Id, null, null));
        await FillAsync(page, Password, "walnut ferry nine clouds");

        Assert.Equal(mine, await SessionsAsync());
        Assert.Null(Services.GetRequiredService<Sessions>().Find(other));
    }

    [Fact]
    public async Task Five_wrong_old_passwords_stop_the_tries()
    {
        var page = await OpenAsync();
        for (var i = 0; i < 5; i++) await FillAsync(page, $"wrong password {i}", "walnut ferry nine clouds");
        await FillAsync(page, Password, "walnut ferry nine clouds");
        Assert.Contains("too many tries", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_authenticator_app_knows_is_not_readable_in_the_database()
    {
        await OpenAsync();
        var factors = Services.GetRequiredService<SecondFactor>();
        var key = await factors.NewKeyAsync();
        var (codes, errors) = await factors.TurnOnAsync(Visitor.Id, key, Totp.Code(key, Clock.GetUtcNow()), Password, Guid.Empty, Some.Actor);
        Assert.Empty(errors);

        await using var db = Services.GetRequiredService<EnsContexts>().OfInstallation();
        var stored = string.Join('\n', await db.UserTokens.Select(t => t.Value).ToListAsync(Cancel));
        Assert.DoesNotContain(key, stored, StringComparison.Ordinal);
        Assert.DoesNotContain(codes[0], stored, StringComparison.Ordinal);
        Assert.Equal(10, (await factors.OfAsync(Visitor.Id)).RecoveryCodes);
    }

    private async Task<IRenderedComponent<ProfilePage>> OpenAsync()
    {
        await StoreAsync();
        Assert.Empty(await Accounts.ResetAsync(Visitor.Id, Password, false, Some.Actor));
        await SignInAsync();
        var page = Render<ProfilePage>();
        page.WaitForElement("input[aria-label='Your name']");
        return page;
    }

    private async Task<IReadOnlyList<Guid>> SessionsAsync() => [.. (await Services.GetRequiredService<Sessions>().OfAsync(Visitor.Id, Cancel)).Select(s => s.Id)];

    private static async Task FillAsync(IRenderedComponent<ProfilePage> page, string current, string password)
    {
        await page.Find("input[autocomplete=current-password]").ChangeAsync(current);
        await page.Find("input[autocomplete=new-password]").ChangeAsync(password);
        await SubmitAsync(page, "Change password");
    }

    private static Task SubmitAsync(IRenderedComponent<ProfilePage> page, string words) =>
        page.FindAll("form").First(f => f.TextContent.Contains(words, StringComparison.Ordinal)).SubmitAsync();
}
