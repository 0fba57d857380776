using System.Text.RegularExpressions;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.Playwright;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>The directory as people fill it and look things up in it.</summary>
public sealed class DirectoryStories(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task An_admin_imports_a_file_whose_columns_have_other_names_and_finds_a_customer()
    {
        await using var app = RunningApp.Start();
        await using var watched = await browser.OpenAsync(app);
        var page = watched.Page;
        await watched.GoAsync(app.Url + "o/1655/directory/import");
        await page.GetByRole(AriaRole.Button, new() { Name = "Customers" }).ClickAsync();
        await page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "crm.csv", MimeType = "text/csv", Buffer = "Member;Phone;Mail;WX\n42;919812345678;ada@example.com;o-1\n43;919800000000;;\nx;1;;\n"u8.ToArray() });

        // The preview shows the rows; what the names do not say is chosen.
        var columns = page.GetByRole(AriaRole.Table, new() { Name = "Columns of the file" });
        await Assertions.Expect(columns).ToContainTextAsync("919812345678");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true })).ToBeDisabledAsync();
        await columns.GetByLabel("Member").SelectOptionAsync("customerId");
        await columns.GetByLabel("Phone").SelectOptionAsync("instore.mobile");
        await Assertions.Expect(columns.GetByLabel("Mail", new() { Exact = true })).ToHaveValueAsync("instore.email"); // The nearest name.
        await columns.GetByLabel("WX", new() { Exact = true }).SelectOptionAsync("wechat");
        var type = columns.GetByLabel("Kind of identifier of WX");
        await Assertions.Expect(type).ToHaveValueAsync("WX");
        await type.FillAsync("openid");
        await page.GetByRole(AriaRole.Button, new() { Name = "Dry run" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Nothing was written.")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Group, new() { Name = "Import 1" })).ToContainTextAsync("To add2");

        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/directory/import/2$"));
        await Assertions.Expect(page.Locator("dl", new() { HasText = "Mobile" })).ToContainTextAsync("WeChat: openid");
        var import = page.GetByRole(AriaRole.Group, new() { Name = "Import 2" });
        await Assertions.Expect(import).ToContainTextAsync("Done, 1 refused");
        await Assertions.Expect(import).ToContainTextAsync("Refused1");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "Refused lines" }).ClickAsync());
        Assert.Contains("4,Member,x,Member must be a whole number from 0 on.", await File.ReadAllTextAsync((await download.PathAsync())!, TestContext.Current.CancellationToken));

        await page.GetByRole(AriaRole.Link, new() { Name = "Directory" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Customers" }).ClickAsync();
        await page.GetByLabel("Search customers").FillAsync("ADA@");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Customer 43" })).ToHaveCountAsync(0); // What is typed has been looked up.
        await page.GetByRole(AriaRole.Link, new() { Name = "Customer 42" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "Mobile" })).ToContainTextAsync("Import 2");
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "WeChat" })).ToContainTextAsync("openid o-1");

        // Edited by hand, then forgotten.
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit" }).ClickAsync();
        await page.GetByLabel("Mobile").FillAsync("911");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "Mobile" })).ToContainTextAsync("Edited by");
        await page.GetByRole(AriaRole.Button, new() { Name = "Forget this customer" }).ClickAsync();
        await page.GetByLabel("Mask the identifiers in stored payloads").CheckAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Forget", Exact = true }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/directory/customers$"));
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Customer 43" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Customer 42" })).ToHaveCountAsync(0);
        Assert.Empty(watched.Troubles);
    }

    [Fact]
    public async Task All_imports_can_be_reached_page_by_page()
    {
        await using var app = RunningApp.Start();
        for (var i = 1; i <= 25; i++) await app.AddImportAsync(RunningApp.OrgId, $"file-{i}.csv");
        await app.AddImportAsync(RunningApp.OrgId, "file-26.csv", "mobile\n911\n");
        await using var watched = await browser.OpenAsync(app);
        var page = watched.Page;
        await watched.GoAsync(app.Url + "o/1655/directory/import");
        await Assertions.Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "file-26.csv" })).ToContainTextAsync("No column holds the customerId. The file has: mobile.");
        var first = page.GetByRole(AriaRole.Link, new() { Name = "file-1.csv", Exact = true });
        await Assertions.Expect(first).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Next page" }).ClickAsync();
        await Assertions.Expect(first).ToBeVisibleAsync();
        Assert.Empty(watched.Troubles);
    }

    [Fact]
    public async Task A_store_is_added_on_the_screen_and_its_tills_are_listed_with_it()
    {
        await using var app = RunningApp.Start();
        using var put = await app.Http.PutAsync("/v3/directory/tills", new StringContent("""[{"tillId":77,"code":"T1","storeId":8841}]"""), TestContext.Current.CancellationToken);
        await using var watched = await browser.OpenAsync(app);
        var page = watched.Page;
        await watched.GoAsync(app.Url + "o/1655/directory/stores/new");
        await page.GetByLabel("Store id").FillAsync("8841");
        await page.GetByLabel("Time zone").FillAsync("Harbour/Quay");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Time zone must be an IANA time zone, such as Europe/Berlin, Asia/Kolkata or UTC.")).ToBeVisibleAsync();
        await page.GetByLabel("Time zone").FillAsync("Europe/Berlin");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Old Harbour");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Old Harbour" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Table, new() { Name = "Tills" }).GetByRole(AriaRole.Link, new() { Name = "T1" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Old Harbour" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Assertions.Expect(page.GetByText("No stores yet")).ToBeVisibleAsync();
        Assert.Empty(watched.Troubles);
    }

    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task A_new_customer_can_have_an_account_of_any_source(int width)
    {
        await using var app = RunningApp.Start();
        await using var watched = await browser.OpenAsync(app);
        var page = watched.Page;
        await page.SetViewportSizeAsync(width, 900);
        await watched.GoAsync(app.Url + "o/1655/directory/customers/new");
        await page.GetByLabel("Customer id").FillAsync("42");
        foreach (var source in new[] { "Line", "Website" }) await page.GetByLabel("Add identifiers of").SelectOptionAsync(source);
        await page.GetByLabel("Line", new() { Exact = true }).FillAsync("lineId, L-7");
        await page.GetByLabel("Website").FillAsync("shop, login, ada");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "Line" })).ToContainTextAsync("lineId L-7");
        await Assertions.Expect(page.GetByRole(AriaRole.Row, new() { Name = "Website" })).ToContainTextAsync("shop: login ada");
        Assert.Empty(watched.Troubles);
    }

    [Fact]
    public async Task Open_pages_follow_events_keys_files_and_people_and_a_form_keeps_what_was_typed()
    {
        await using var world = await EnrichedWorld.StartAsync();
        var webhook = await world.WebhookAsync(new { }, "customerAdded");
        await using var list = await browser.OpenAsync(world.App);
        await list.GoAsync(world.App.Url + "o/1655/directory/customers");
        await Assertions.Expect(list.Page.GetByRole(AriaRole.Link, new() { Name = "Customer 50" })).ToHaveCountAsync(0);
        await world.App.PublishAcceptedAsync("""{"eventName":"customerAdded","eventId":"taught-50","refId":"r","data":{"customerIdentifiers":{"customerId":50,"instore":{"mobile":"911"}}}}""");
        await Assertions.Expect(list.Page.GetByRole(AriaRole.Link, new() { Name = "Customer 50" })).ToBeVisibleAsync();

        await using var record = await browser.OpenAsync(world.App);
        await record.GoAsync(world.App.Url + "o/1655/directory/customers/50");
        var mobile = record.Page.GetByRole(AriaRole.Row, new() { Name = "Mobile" });
        await Assertions.Expect(mobile).ToContainTextAsync("911");
        await record.Page.GetByRole(AriaRole.Link, new() { Name = "taught-50" }).ClickAsync();
        await Assertions.Expect(record.Page).ToHaveURLAsync(new Regex($"/event-notifications/{webhook}/deliveries/[0-9]+$"));
        await record.GoAsync(world.App.Url + "o/1655/directory/customers/50");
        await list.GoAsync(world.App.Url + "o/1655/directory/customers/50/edit");
        await list.Page.GetByLabel("Mobile").FillAsync("typed");

        await world.PutAsync("customers", """[{"customerId":50,"instore":{"mobile":"922"}}]""");
        await Assertions.Expect(mobile).ToContainTextAsync("922");
        await world.ImportAsync(DirectoryKind.Customers, "customerId,mobile\n50,933\n");
        await Assertions.Expect(mobile).ToContainTextAsync("933");
        await world.EditAsync(DirectoryKind.Customers, 50, ("instore.mobile", "944"));
        await Assertions.Expect(mobile).ToContainTextAsync("944");
        await world.App.PublishAcceptedAsync("""{"eventName":"customerUpdated","refId":"r","data":{"customerIdentifiers":{"customerId":50},"customerStatus":{"currentStatus":"DELETED"}}}""");
        await Assertions.Expect(record.Page.GetByText("No such customer")).ToBeVisibleAsync();
        await Assertions.Expect(list.Page.GetByLabel("Mobile")).ToHaveValueAsync("typed");

        // What is stored of who is gone can be masked.
        await record.Page.GetByRole(AriaRole.Button, new() { Name = "Mask payloads" }).ClickAsync();
        await record.Page.GetByRole(AriaRole.Button, new() { Name = "Mask", Exact = true }).ClickAsync();
        await Assertions.Expect(record.Page.GetByText("Customer 50 is forgotten, 1 payload is masked.")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("directory/customers", "Search customers", "Customer 42")]
    [InlineData("event-notifications", "Search webhooks", "orders")]
    public async Task Whoever_clicks_what_is_there_while_the_search_still_waits_is_not_led_back(string list, string search, string name)
    {
        await using var app = RunningApp.Start();
        await app.CreateWebhookAsync("https://example.com/hooks");
        using var put = await app.Http.PutAsync("/v3/directory/customers", new StringContent("""[{"customerId":42,"instore":{"email":"typed@example.com"}}]"""), TestContext.Current.CancellationToken);
        await using var watched = await browser.OpenAsync(app);
        var page = watched.Page;
        var connection = await SlowConnection.OfAsync(page);
        await watched.GoAsync($"{app.Url}o/1655/{list}");
        var link = page.GetByRole(AriaRole.Link, new() { Name = name });
        var record = new Uri(new Uri(app.Url), await link.GetAttributeAsync("href")).AbsoluteUri;

        // The search begins while the click is on its way.
        var (typed, searched) = (connection.SentAsync("typed"), connection.SentAsync("?q=typed"));
        await page.GetByLabel(search).FillAsync("typed");
        await typed;
        connection.Hold();
        await link.ClickAsync();
        await searched;
        connection.Release();

        // A click on the page that is shown then is answered after all that went before.
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = name })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await Assertions.Expect(page).ToHaveURLAsync(record);
        Assert.Empty(watched.Troubles);
    }

    [Fact]
    public async Task A_viewer_looks_and_changes_nothing()
    {
        await using var app = RunningApp.Start();
        using var put = await app.Http.PutAsync("/v3/directory/customers", new StringContent("""[{"customerId":42,"instore":{"mobile":"911"}}]"""), TestContext.Current.CancellationToken);
        await using var watched = await browser.OpenAsync(app, Role.Viewer);
        var page = watched.Page;
        await watched.GoAsync(app.Url + "o/1655/directory/customers/42");
        await Assertions.Expect(page.GetByText("911")).ToBeVisibleAsync();
        foreach (var button in new[] { "Delete", "Forget this customer", "Edit" }) await Assertions.Expect(page.GetByText(button, new() { Exact = true })).ToHaveCountAsync(0);
        await watched.GoAsync(app.Url + "o/1655/directory/import");
        await Assertions.Expect(page.GetByText("No imports yet")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("input[type=file]")).ToHaveCountAsync(0);
        var edit = await page.GotoAsync(app.Url + "o/1655/directory/customers/42/edit");
        Assert.Equal(403, edit!.Status);
    }
}
