using Bunit;
using EnsAdmin.Access;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Access;

public sealed class ApiKeysPageTests : ScreenTestBase
{
    [Fact]
    public async Task A_key_is_told_once_when_it_is_made_and_never_again()
    {
        await StoreAsync();
        var page = Render<ApiKeysPage>();
        page.WaitForAssertion(() => Assert.Contains("No key yet", page.Markup));

        var adding = ClickAsync(page, "New key");
        Dialogs.WaitForAssertion(() => Assert.Contains("Create key", Dialogs.Markup));
        await Dialogs.Find("input[type=text]").InputAsync("till-server");
        await Dialogs.FindAll("input[type=checkbox]")[0].ChangeAsync(true);
        await Dialogs.FindAll("input[type=checkbox]")[3].ChangeAsync(true);
        await ClickAsync(Dialogs, "Create key");

        var told = Dialogs.WaitForElement(".ens-told code").TextContent;
        Assert.Equal("till-server is ready", Dialogs.Find("h2").TextContent);
        await ClickAsync(Dialogs, "Done");
        await adding;
        page.WaitForAssertion(() => Assert.Contains("till-server", page.Find("tbody tr").TextContent));
        Assert.Equal(["events:publish", "deliveries:read"], page.FindAll("tbody li").Select(l => l.TextContent));
        Assert.Equal("Active", page.Find("[data-label=Status]").TextContent);
        Assert.Contains(told[..ApiKey.IdLength], page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain(told[(ApiKey.IdLength + 1)..], page.Markup + Dialogs.Markup, StringComparison.Ordinal);
        Assert.True(Services.GetRequiredService<AccessTable>().TryFindKey(told.AsSpan(0, ApiKey.IdLength), out _));
    }

    [Fact]
    public async Task What_is_wrong_with_a_new_key_is_said_beside_its_field()
    {
        await StoreAsync();
        var page = Render<ApiKeysPage>();
        var adding = ClickAsync(page, "New key");
        Dialogs.WaitForAssertion(() => Assert.Contains("Create key", Dialogs.Markup));
        await Dialogs.FindAll("input[type=text]")[^1].InputAsync("here");

        await ClickAsync(Dialogs, "Create key");

        Dialogs.WaitForAssertion(() => Assert.Contains("Give networks in CIDR form", Dialogs.Markup));
        Assert.Contains("Give a name of 1 to 100 characters on one line.", Dialogs.Markup);
        Assert.Contains("Choose at least one scope.", Dialogs.Markup);
        await ClickAsync(Dialogs, "Cancel");
        await adding;
        Assert.Contains("No key yet", page.Markup);
    }

    [Fact]
    public async Task Revoking_asks_first_and_puts_the_key_behind_those_in_use()
    {
        await AddAsync("old");
        Clock.Advance(TimeSpan.FromMinutes(1));
        await AddAsync("new");
        var page = Render<ApiKeysPage>();
        page.WaitForAssertion(() => Assert.Equal(["new", "old"], Names(page)));

        await ClickAsync(page, "Actions for new");
        var revoking = Popovers.WaitForElements(".mud-menu-item").Single().ClickAsync();
        Dialogs.WaitForAssertion(() => Assert.Contains("Revoke new?", Dialogs.Markup));
        await ClickAsync(Dialogs, "Revoke");
        await revoking;

        page.WaitForAssertion(() => Assert.Equal(["old", "new"], Names(page)));
        Assert.Equal("Revoked", page.FindAll("[data-label=Status]")[1].TextContent);
        Assert.Single(page.FindAll(".ens-row-menu .mud-menu"));
    }

    [Fact]
    public async Task A_row_says_when_a_key_expires_and_when_it_has()
    {
        await AddAsync("short", Clock.GetUtcNow().AddMinutes(30));
        var page = Render<ApiKeysPage>();
        page.WaitForAssertion(() => Assert.Equal("Active", page.Find("[data-label=Status]").TextContent));
        Assert.Equal("11:11:07", page.Find("[data-label=Expires]").TextContent.Trim());
        Assert.Equal("never", page.Find("[data-label='Last used']").TextContent.Trim());

        Clock.Advance(TimeSpan.FromMinutes(30));
        page.Render();

        Assert.Equal("Expired", page.Find("[data-label=Status]").TextContent);
    }

    [Fact]
    public async Task A_key_that_is_made_elsewhere_appears_without_a_reload()
    {
        await StoreAsync();
        var page = Render<ApiKeysPage>();
        page.WaitForAssertion(() => Assert.Contains("No key yet", page.Markup));

        await AddAsync("elsewhere");
        Clock.Advance(TimeSpan.FromMilliseconds(300));

        page.WaitForAssertion(() => Assert.Equal(["elsewhere"], Names(page)));
    }

    [Fact]
    public async Task A_viewer_sees_the_keys_and_no_way_to_change_them()
    {
        VisitorRole = Role.Viewer;
        await AddAsync("till-server");
        var page = Render<ApiKeysPage>();
        page.WaitForAssertion(() => Assert.Equal(["till-server"], Names(page)));

        Assert.Empty(page.FindAll("button"));
    }

    private async Task AddAsync(string name, DateTimeOffset? expiresAt = null)
    {
        await StoreAsync();
        Assert.IsType<AddKeyResult.Added>(await Services.GetRequiredService<KeyStore>().AddAsync(RunningApp.OrgId, new NewKey { Name = name, Scopes = [Scopes.EventsPublish], ExpiresAt = expiresAt }, Some.Actor, Cancel));
    }

    private static IEnumerable<string> Names(IRenderedComponent<ApiKeysPage> page) => page.FindAll("tbody .ens-row-name").Select(s => s.TextContent);
}
