using Bunit;
using EnsAdmin.Access;
using EnsAdmin.Catalog;
using EnsAdmin.Data;
using EnsAdmin.Dispatch;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using EnsAdmin.Webhooks;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using TestContext = Xunit.TestContext;

namespace EnsAdmin.Tests.Webhooks;

public sealed class WebhookFormPageTests : MudTestBase
{
    private readonly string _data = Directory.CreateTempSubdirectory("ens-test").FullName;
    private WebhookStore? _store;

    public WebhookFormPageTests()
    {
        Services.AddLogging();
        Services.Configure<StorageOptions>(o => o.DataDirectory = _data);
        Services.Configure<OrganizationOptions>(_ => { });
        Services.AddSingleton(EventCatalog.LoadEmbedded());
        Services.AddData().AddDispatch().AddWebhooks();
    }

    [Fact]
    public async Task What_is_missing_is_said_beside_its_field_and_nothing_is_saved()
    {
        await StoreAsync();
        var page = Render<WebhookFormPage>();

        await page.Find("form").SubmitAsync();

        foreach (var message in new[] { "Give the webhook a name.", "Give the address that events are sent to.", "Select at least one event." }) Assert.Contains(message, page.Markup);
        Assert.Empty(await _store!.AllAsync(RunningApp.OrgId, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_stored_header_value_is_never_in_the_page_and_survives_saving()
    {
        var saved = await SaveAsync("erp", "s3cret");
        var page = Render<WebhookFormPage>(p => p.Add(x => x.Id, saved.Id));

        Assert.Contains("••••", page.Markup);
        Assert.DoesNotContain("s3cret", page.Markup);
        await page.Find("form").SubmitAsync();
        Assert.Equal(1, (await _store!.FindAsync(RunningApp.OrgId, saved.Id, TestContext.Current.CancellationToken))!.Version);
        Assert.EndsWith(Paths.EventNotification(saved.Id), Services.GetRequiredService<NavigationManager>().Uri);
    }

    [Fact]
    public async Task When_somebody_else_saved_first_the_choice_is_clear_and_neither_is_lost()
    {
        var saved = await SaveAsync("erp", "s3cret");
        var page = Render<WebhookFormPage>(p => p.Add(x => x.Id, saved.Id));
        var theirs = saved.ToInput();
        theirs.Url = "https://theirs.example";
        await _store!.UpdateAsync(RunningApp.OrgId, saved.Id, theirs, saved.Version, "another admin", TestContext.Current.CancellationToken);

        await page.Find("form").SubmitAsync();
        Assert.Contains("another admin saved this webhook while you were editing it", page.Markup);
        Assert.Equal("https://theirs.example", (await _store.FindAsync(RunningApp.OrgId, saved.Id, TestContext.Current.CancellationToken))!.Url);

        await page.FindAll("button").Single(b => b.TextContent == "Save mine over it").ClickAsync();
        Assert.Equal("https://mine.example", (await _store.FindAsync(RunningApp.OrgId, saved.Id, TestContext.Current.CancellationToken))!.Url);
    }

    [Fact]
    public async Task The_list_says_when_there_is_nothing_and_keeps_the_search_in_the_address()
    {
        await StoreAsync();
        Assert.Contains("No event notifications yet", Render<WebhooksPage>().Markup);
        await SaveAsync("erp", "x");

        Services.GetRequiredService<NavigationManager>().NavigateTo("/event-notifications?q=nowhere");
        Assert.Contains("Nothing found", Render<WebhooksPage>().Markup);
        Services.GetRequiredService<NavigationManager>().NavigateTo("/event-notifications?q=CUSTOMERadd");
        Assert.Contains("erp", Render<WebhooksPage>().Markup);
    }

    private async Task<WebhookDetails> SaveAsync(string name, string headerValue)
    {
        var store = await StoreAsync();
        var input = new WebhookInput { Name = name, Url = "https://mine.example", EventNames = ["customerAdded"], Headers = [new HeaderInput { Name = "X-Key", Value = headerValue }] };
        return Assert.IsType<SaveResult.Saved>(await store.CreateAsync(RunningApp.OrgId, input, "test", TestContext.Current.CancellationToken)).Webhook;
    }

    private async Task<WebhookStore> StoreAsync()
    {
        if (_store is null) await Services.PrepareDatabaseAsync();
        return _store ??= Services.GetRequiredService<WebhookStore>();
    }
}
