using Bunit;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using EnsAdmin.Webhooks;

namespace EnsAdmin.Tests.Webhooks;

public sealed class WebhookFormPageTests : ScreenTestBase
{
    [Fact]
    public async Task What_is_missing_is_said_beside_its_field_and_nothing_is_saved()
    {
        await StoreAsync();
        var page = Render<WebhookFormPage>();

        await page.Find("form").SubmitAsync();

        foreach (var message in new[] { "Give the webhook a name.", "Give the address that events are sent to.", "Select at least one event." }) Assert.Contains(message, page.Markup);
        Assert.Empty(await (await StoreAsync()).AllAsync(RunningApp.OrgId, Cancel));
    }

    [Fact]
    public async Task A_stored_header_value_is_never_in_the_page_and_survives_saving()
    {
        var saved = await SaveAsync("erp", "s3cret");
        var page = Render<WebhookFormPage>(p => p.Add(x => x.Id, saved.Id));

        Assert.Contains("••••", page.Markup);
        Assert.DoesNotContain("s3cret", page.Markup);
        await page.Find("form").SubmitAsync();
        Assert.Equal(1, (await (await StoreAsync()).FindAsync(RunningApp.OrgId, saved.Id, Cancel))!.Version);
        Assert.EndsWith(Paths.EventNotification(RunningApp.OrgId, saved.Id), Navigation.Uri);
    }

    [Fact]
    public async Task When_somebody_else_saved_first_the_choice_is_clear_and_neither_is_lost()
    {
        var (page, saved) = await ConflictAsync();
        Assert.Contains("another admin saved this webhook while you were editing it", page.Find("[role=alert]").TextContent);
        Assert.Contains("Webhook URL: https://theirs.example (was https://mine.example)", page.Find("[role=alert]").TextContent);
        Assert.Equal("https://theirs.example", (await (await StoreAsync()).FindAsync(RunningApp.OrgId, saved.Id, Cancel))!.Url);

        await ClickAsync(page, "Save mine over it");
        Assert.Equal("https://mine.example", (await (await StoreAsync()).FindAsync(RunningApp.OrgId, saved.Id, Cancel))!.Url);
    }

    [Fact]
    public async Task The_list_says_when_there_is_nothing_and_keeps_the_search_in_the_address()
    {
        await StoreAsync();
        Assert.Contains("No event notifications yet", Render<WebhooksPage>().Markup);
        await SaveAsync("erp", "x");

        Navigation.NavigateTo("/o/1655/event-notifications?q=nowhere");
        Assert.Contains("Nothing found", Render<WebhooksPage>().Markup);
        Navigation.NavigateTo("/o/1655/event-notifications?q=CUSTOMERadd");
        Assert.Contains("erp", Render<WebhooksPage>().Markup);
    }

    [Fact]
    public async Task Card_numbers_can_be_asked_for_only_with_a_source()
    {
        var store = await StoreAsync();
        var input = new WebhookInput { Name = "erp", Url = "https://mine.example", EventNames = ["customerAdded"], CustomerIdentifierSources = ["Instore"] };
        var saved = Assert.IsType<SaveResult.Saved>(await store.CreateAsync(RunningApp.OrgId, input, Some.Actor, Cancel)).Webhook;

        Assert.True(CardNumber(Render<WebhookFormPage>()).HasAttribute("disabled"));
        var page = Render<WebhookFormPage>(p => p.Add(x => x.Id, saved.Id));
        Assert.False(CardNumber(page).HasAttribute("disabled"));
        Assert.Contains("InStore", page.Markup + page.FindAll("input").Select(i => i.GetAttribute("value")).Aggregate("", string.Concat));
    }

    [Fact]
    public async Task A_taken_name_is_said_while_typing_with_a_free_one()
    {
        await SaveAsync("erp", "x");
        var page = Render<WebhookFormPage>();

        await page.Find("input[aria-label='Webhook name']").InputAsync("erp");
        Clock.Advance(TimeSpan.FromMilliseconds(400));
        page.WaitForAssertion(() => Assert.Contains("A webhook of this name exists. Try erp-2.", page.Markup));
        await page.Find("form").SubmitAsync();
        Assert.Contains("A webhook of this name exists. Try erp-2.", page.Markup);
    }

    [Fact]
    public async Task Theirs_can_be_loaded_instead()
    {
        var (page, _) = await ConflictAsync();

        await ClickAsync(page, "Load theirs");
        Assert.Equal("https://theirs.example", page.Find("input[aria-label='Webhook URL']").GetAttribute("value"));
        Assert.DoesNotContain("while you were editing", page.Markup);
        Assert.DoesNotContain("Unsaved changes", page.Markup);
    }

    [Fact]
    public async Task A_webhook_deleted_meanwhile_is_named()
    {
        var saved = await SaveAsync("erp", "x");
        var page = Render<WebhookFormPage>(p => p.Add(x => x.Id, saved.Id));
        await (await StoreAsync()).DeleteAsync(RunningApp.OrgId, saved.Id, new EnsAdmin.Domain.Actor("another admin"), Cancel);

        await page.Find("form").SubmitAsync();
        Assert.Contains("erp was deleted while you were editing it", page.Markup);
    }

    [Fact]
    public async Task A_second_click_on_Save_saves_nothing_twice()
    {
        var saved = await SaveAsync("erp", "x");
        var page = Render<WebhookFormPage>(p => p.Add(x => x.Id, saved.Id));

        await Task.WhenAll(page.Find("form").SubmitAsync(), page.Find("form").SubmitAsync());
        Assert.Equal(saved.Version + 1, (await (await StoreAsync()).FindAsync(RunningApp.OrgId, saved.Id, Cancel))!.Version);
        Assert.DoesNotContain("while you were editing", page.Markup);
    }

    [Fact]
    public async Task A_header_value_is_hidden_while_typing_until_shown_and_counts_as_a_change()
    {
        await StoreAsync();
        var page = Render<WebhookFormPage>();
        await ClickAsync(page, "Add new key");
        Assert.Contains("Unsaved changes", page.Markup);
        Assert.Equal("password", Value().GetAttribute("type"));

        await ClickAsync(page, "Show what is typed for header 1");
        Assert.Equal("text", Value().GetAttribute("type"));

        AngleSharp.Dom.IElement Value() => page.Find("input[aria-label='Value of header 1']");
    }

    [Fact]
    public async Task A_stored_value_can_be_replaced_or_kept_after_all()
    {
        var saved = await SaveAsync("erp", "s3cret");
        var page = Render<WebhookFormPage>(p => p.Add(x => x.Id, saved.Id));

        await ClickAsync(page, "Replace the value of X-Key");
        await page.Find("form").SubmitAsync();
        Assert.Contains("Give the header a value.", page.Markup);
        await ClickAsync(page, "Keep the stored value");
        Assert.Contains("••••", page.Markup);
    }

    [Fact]
    public async Task The_enrichment_settings_stand_in_the_order_of_the_document_with_an_example_that_follows_them()
    {
        await StoreAsync();
        var section = Render<WebhookFormPage>().FindAll("section").Single(s => s.TextContent.Contains("Payload enrichment settings"));

        var labels = section.QuerySelectorAll("label").Select(l => l.TextContent.Trim()).Where(l => l.Length > 0);
        Assert.Equal(["Till", "Store", "Customer identifier: source", "Card number", "Awarded reference id", "Available points balance"], labels.Where(l => !l.StartsWith("Event", StringComparison.Ordinal)));
        Assert.Contains("Nothing is asked for.", section.TextContent);
        Assert.Empty(section.QuerySelectorAll("ins"));
    }

    private static AngleSharp.Dom.IElement CardNumber(IRenderedComponent<WebhookFormPage> page) =>
        page.FindAll("label").Single(l => l.TextContent.Trim() == "Card number").QuerySelector("input")!;

    private async Task<(IRenderedComponent<WebhookFormPage> Page, WebhookDetails Mine)> ConflictAsync()
    {
        var saved = await SaveAsync("erp", "s3cret");
        var page = Render<WebhookFormPage>(p => p.Add(x => x.Id, saved.Id));
        var theirs = saved.ToInput();
        theirs.Url = "https://theirs.example";
        await (await StoreAsync()).UpdateAsync(RunningApp.OrgId, saved.Id, theirs, saved.Version, new EnsAdmin.Domain.Actor("another admin"), Cancel);
        await page.Find("form").SubmitAsync();
        return (page, saved);
    }

    private async Task<WebhookDetails> SaveAsync(string name, string headerValue)
    {
        var store = await StoreAsync();
        var input = new WebhookInput { Name = name, Url = "https://mine.example", EventNames = ["customerAdded"], Headers = [new HeaderInput { Name = "X-Key", Value = headerValue }] };
        return Assert.IsType<SaveResult.Saved>(await store.CreateAsync(RunningApp.OrgId, input, Some.Actor, Cancel)).Webhook;
    }
}
