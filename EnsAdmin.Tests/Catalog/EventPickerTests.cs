using Bunit;
using EnsAdmin.Catalog;
using EnsAdmin.Tests.Support;
using Microsoft.AspNetCore.Components.Web;

namespace EnsAdmin.Tests.Catalog;

public sealed class EventPickerTests : ScreenTestBase
{
    private IReadOnlyList<string>? _chosen;
    private bool _open = true;

    [Fact]
    public async Task Done_hands_over_the_choice()
    {
        Open("customerAdded");
        await Box("pointsIssued").ChangeAsync(true);
        Assert.Contains("2 of 77 selected", Dialogs.Markup);

        await ClickAsync(Dialogs, "Done");
        Assert.Equal(["customerAdded", "pointsIssued"], _chosen);
        Assert.False(_open);
    }

    [Theory]
    [InlineData("Cancel")]
    [InlineData("Close")]
    public async Task Leaving_any_other_way_hands_over_nothing(string button)
    {
        Open("customerAdded");
        await Box("pointsIssued").ChangeAsync(true);

        await ClickAsync(Dialogs, button);
        Assert.Null(_chosen);
        Assert.False(_open);
    }

    [Fact]
    public async Task The_search_leaves_the_groups_that_have_a_match()
    {
        Open();
        await Dialogs.Find("input[aria-label='Search events']").InputAsync("tierUpgr");
        Clock.Advance(TimeSpan.FromMilliseconds(200));

        Dialogs.WaitForAssertion(() => Assert.Equal(["tierUpgraded"], Boxes()));
        await Dialogs.Find("input[aria-label='Search events']").InputAsync("no such event");
        Clock.Advance(TimeSpan.FromMilliseconds(200));
        Dialogs.WaitForAssertion(() => Assert.Contains("No event has this in its name, description or category.", Dialogs.Markup));
    }

    [Fact]
    public async Task A_group_is_selected_and_cleared_as_a_whole()
    {
        Open("tierUpgraded");
        var all = Boxes().Count;
        await ClickAsync(Dialogs, "Select all of Customer");
        Assert.Contains("3 of 3", Dialogs.Find("[role=group][aria-label=Customer]").TextContent);
        await ClickAsync(Dialogs, "Clear of Customer");
        await ClickAsync(Dialogs, "Done");

        Assert.Equal(["tierUpgraded"], _chosen);
        Assert.Equal(77, all);
    }

    [Fact]
    public async Task While_searching_a_group_counts_and_selects_what_is_found()
    {
        Open();
        await Dialogs.Find("input[aria-label='Search events']").InputAsync("tierUpgr");
        Clock.Advance(TimeSpan.FromMilliseconds(200));
        Dialogs.WaitForAssertion(() => Assert.Contains("0 of 1 found", Dialogs.Markup));

        await ClickAsync(Dialogs, "Select all found of Tier");
        await ClickAsync(Dialogs, "Done");
        Assert.Equal(["tierUpgraded"], _chosen);
    }

    [Fact]
    public async Task The_list_is_one_stop_of_the_tab_key_with_the_button_of_its_group()
    {
        Open();
        var first = Boxes()[0];
        Assert.Equal([first], Stops());

        await Box("pointsIssued").FocusAsync(new FocusEventArgs());
        Assert.Equal(["pointsIssued"], Stops());
        Assert.Equal("Select all of Points", Assert.Single(Dialogs.FindAll(".ens-picker-group button[tabindex='0']")).GetAttribute("aria-label"));
        Assert.Empty(Dialogs.FindAll(".ens-picker-row button:not([tabindex='-1'])"));

        IEnumerable<string?> Stops() => Dialogs.FindAll(".ens-picker-row input[tabindex='0']").Select(b => b.GetAttribute("aria-label"));
    }

    [Fact]
    public async Task Legacy_events_are_shown_on_demand()
    {
        Open();
        await Dialogs.Find(".ens-picker-legacy input").ChangeAsync(true);

        Assert.Equal(86, Boxes().Count);
    }

    [Theory]
    [InlineData("Enter")]
    [InlineData("ArrowRight")]
    public async Task The_keyboard_opens_and_closes_the_preview(string key)
    {
        Open();
        await Box("pointsIssued").KeyDownAsync(new KeyboardEventArgs { Key = key });
        Assert.Contains("customerIdentifiers", Dialogs.Find(".ens-picker-preview").TextContent);

        await Box("pointsIssued").KeyDownAsync(new KeyboardEventArgs { Key = "ArrowLeft" });
        Assert.Contains("Choose › beside an event", Dialogs.Find(".ens-picker-preview").TextContent);
    }

    private void Open(params string[] selected) => Render<EventPicker>(p => p
        .Add(x => x.Open, true).Add(x => x.Selected, selected)
        .Add(x => x.OpenChanged, open => _open = open).Add(x => x.SelectedChanged, names => _chosen = names));

    private AngleSharp.Dom.IElement Box(string name) => Dialogs.Find($"input[type=checkbox][aria-label={name}]");

    private List<string?> Boxes() => [.. Dialogs.FindAll(".ens-picker-row input").Select(b => b.GetAttribute("aria-label"))];
}
