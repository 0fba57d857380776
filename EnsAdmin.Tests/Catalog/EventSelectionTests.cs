using EnsAdmin.Catalog;

namespace EnsAdmin.Tests.Catalog;

public sealed class EventSelectionTests
{
    private static readonly EventCatalog Catalog = EventCatalog.LoadEmbedded();

    [Fact]
    public void Legacy_and_hidden_types_are_behind_the_filter_unless_already_chosen()
    {
        var selection = new EventSelection(Catalog, []);
        var legacy = Catalog.All.First(t => !t.IsCurrent);

        Assert.Equal(77, selection.Total);
        Assert.Contains(legacy, new EventSelection(Catalog, [legacy.Name]).Groups.SelectMany(g => g));
        selection.WithLegacy = true;
        Assert.Equal(86, selection.Groups.Sum(g => g.Count()));
    }

    [Theory]
    [InlineData("POINTSISSUED", "pointsIssued")]
    [InlineData("profile was registered", "customerAdded")]
    [InlineData("tier", "tierUpgraded")]
    public void The_search_looks_at_name_description_and_category(string search, string found) =>
        Assert.Contains(found, new EventSelection(Catalog, []) { Search = search }.Groups.SelectMany(g => g).Select(t => t.Name));

    [Fact]
    public void Select_all_ticks_a_group_and_a_second_time_clears_it()
    {
        var selection = new EventSelection(Catalog, ["customerAdded"]);
        var points = selection.Groups.Single(g => g.Key == "Points").ToList();

        selection.Toggle(points);
        Assert.Equal(points.Count + 1, selection.Count);
        selection.Toggle(points);
        Assert.Equal(["customerAdded"], selection.Names);
    }
}
