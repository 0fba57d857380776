using EnsAdmin.Catalog;

namespace EnsAdmin.Tests.Catalog;

public sealed class EventCatalogTests
{
    private static readonly EventCatalog Catalog = CatalogNames.Catalog;

    [Theory]
    [InlineData(EventTypeStatus.Listed, 66)]
    [InlineData(EventTypeStatus.SchemaOnly, 11)]
    [InlineData(EventTypeStatus.Hidden, 1)]
    [InlineData(EventTypeStatus.Legacy, 8)]
    public void Every_published_event_type_is_there(EventTypeStatus status, int count) =>
        Assert.Equal(count, Catalog.All.Count(t => t.Status == status));

    [Fact]
    public void Hidden_and_legacy_types_are_not_current() =>
        Assert.Equal(77, Catalog.All.Count(t => t.IsCurrent));

    [Fact]
    public void Categories_most_used_stand_first_and_legacy_last()
    {
        var categories = Catalog.All.Select(t => t.Category).Distinct().ToList();
        Assert.Equal(["Customer", "Transaction", "Points", "Tier"], categories.Take(4));
        Assert.Equal("Legacy (2020)", categories[^1]);
        Assert.Equal(19, categories.Count);
    }

    [Fact]
    public void Every_type_says_what_happened_and_who_publishes_it() =>
        Assert.All(Catalog.All, t =>
        {
            Assert.EndsWith(".", t.Description, StringComparison.Ordinal);
            Assert.False(string.IsNullOrWhiteSpace(t.Product));
        });

    [Fact]
    public void A_type_is_found_by_its_exact_name_only()
    {
        Assert.Equal("Points", Catalog.Find("pointsExpired")?.Category);
        Assert.Null(Catalog.Find("PointsExpired"));
        Assert.Null(Catalog.Find(""));
    }

    [Theory]
    [InlineData("pointExpired", "pointsExpired")]
    [InlineData("PointsExpired", "pointsExpired")]
    [InlineData("transactoinAdded", "transactionAdded")]
    [InlineData("couponissue", "CouponIssue")]
    [InlineData("billAdded", "retroBillAdded")]
    public void A_misspelt_name_is_answered_with_the_nearest_one(string written, string meant) =>
        Assert.Equal(meant, Catalog.Nearest(written)[0]);

    [Theory]
    [InlineData("xyz")]
    [InlineData("")]
    [InlineData("somethingElseEntirely")]
    public void A_name_that_is_near_to_nothing_gets_no_suggestion(string written) => Assert.Empty(Catalog.Nearest(written));

    [Fact]
    public void Only_as_many_names_as_asked_for_are_suggested() => Assert.Equal(2, Catalog.Nearest("target", 2).Count);

    [Fact]
    public void Subscribers_of_one_coupon_and_of_many_get_both()
    {
        Assert.Equal(["CouponIssue", "IssueBulkCoupon"], Catalog.SubscriptionNamesFor("CouponIssue"));
        Assert.Equal(["IssueBulkCoupon", "CouponIssue"], Catalog.SubscriptionNamesFor("IssueBulkCoupon"));
        Assert.Equal("CouponIssue", Catalog.Find("IssueBulkCoupon")?.WireName);
    }

    [Theory]
    [InlineData("pointsExpired")]
    [InlineData("anEventOfOurOwn")]
    public void Any_other_event_is_subscribed_to_under_its_own_name(string name) => Assert.Equal([name], Catalog.SubscriptionNamesFor(name));

    [Fact]
    public void Asking_for_the_schema_of_an_unknown_type_names_it() =>
        Assert.Contains("pointsExpird", Assert.Throws<ArgumentException>(() => Catalog.RawSchemaOf("pointsExpird")).Message, StringComparison.Ordinal);

    [Fact]
    public void Many_threads_may_ask_a_fresh_catalogue_at_once()
    {
        var fresh = EventCatalog.LoadEmbedded();
        Parallel.ForEach(Enumerable.Range(0, 8).SelectMany(_ => fresh.All), t =>
        {
            using var message = System.Text.Json.JsonDocument.Parse(fresh.ExampleOf(t.Name, 7));
            Assert.Empty(fresh.Validate(t.Name, message.RootElement));
        });
    }
}
