using System.Text.Json;
using EnsAdmin.Domain;
using EnsAdmin.Enrichment;
using EnsAdmin.Tests.Catalog;

namespace EnsAdmin.Tests.Enrichment;

/// <summary>The example beside the settings shows what they do.</summary>
public sealed class EnrichedExamplesTests
{
    private static readonly EnrichedExamples Examples = new(CatalogNames.Catalog, new FragmentReader(CatalogNames.Catalog));

    public static TheoryData<string> Names => CatalogNames.All;

    [Theory]
    [InlineData("transactionAdded", EnrichmentFacts.Till, "data.enteredBy.till")]
    [InlineData("transactionAdded", EnrichmentFacts.Store, "data.enteredBy.store.id")]
    [InlineData("transactionAdded", EnrichmentFacts.Instore, "data.customerIdentifiers.instore.email")]
    [InlineData("transactionAdded", EnrichmentFacts.Instore | EnrichmentFacts.CardNumber, "data.customerIdentifiers.instore.cardNumbers")]
    [InlineData("pointsIssued", EnrichmentFacts.AvailablePoints, "data.availablePointsBalance")]
    [InlineData("pointsRedeemed", EnrichmentFacts.AvailablePoints, "data.availablePointsBalanceAt")]
    [InlineData("pointsRedeemed", EnrichmentFacts.AwardedReference, "data.pointAwardedRefID")]
    public void Each_setting_adds_its_place(string eventName, EnrichmentFacts facts, string path)
    {
        var (enriched, bare) = Examples.Of(eventName, 1655, facts);
        Assert.NotNull(Find(enriched, path));
        Assert.Null(Find(bare, path));
        Assert.Equal(bare, Examples.Of(eventName, 1655, EnrichmentFacts.None).Enriched);
    }

    [Fact]
    public void Each_source_adds_its_accounts()
    {
        foreach (var source in IdentifierSources.WithAccounts) Assert.NotNull(Find(Examples.Of("customerAdded", 1655, source.Fact).Enriched, $"data.customerIdentifiers.{source.Wire}.accounts"));
    }

    [Fact]
    public void What_is_added_looks_like_a_real_delivery()
    {
        var issued = Examples.Of("pointsIssued", 1655, EnrichmentFacts.All).Enriched;
        Assert.Equal((Find(issued, "createdAt")!.Value.GetInt64(), 150), (Find(issued, "data.availablePointsBalanceAt")!.Value.GetInt64(), Find(issued, "data.availablePointsBalance")!.Value.GetInt32()));
        Assert.Equal("POINT_AWARDED", Find(issued, "data.pointsAwardedRefType")!.Value.GetString());
        var redeemed = Examples.Of("pointsRedeemed", 1655, EnrichmentFacts.All).Enriched;
        Assert.InRange(Find(redeemed, "createdAt")!.Value.GetInt64() - Find(redeemed, "data.availablePointsBalanceAt")!.Value.GetInt64(), 0, 60_000);

        var customer = Find(Examples.Of("transactionAdded", 1655, EnrichmentFacts.All).Enriched, "data.customerIdentifiers")!.Value;
        var instore = customer.GetProperty("instore");
        Assert.Equal([instore.GetProperty("cardnumber").GetString()], instore.GetProperty("cardNumbers").EnumerateArray().Select(c => c.GetString()));
        Assert.Equal(("openid", "cuid"), (TypeIn("wechat"), TypeIn("web_engage")));

        string? TypeIn(string source) => customer.GetProperty(source).GetProperty("accounts")[0].GetProperty("identifiers")[0].GetProperty("identifierType").GetString();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_enriched_example_is_valid_and_the_tree_names_every_place(string name)
    {
        var (enriched, bare) = Examples.Of(name, 1655, EnrichmentFacts.All);
        using var message = JsonDocument.Parse(enriched);
        Assert.Empty(CatalogNames.Catalog.Validate(name, message.RootElement));
        if (enriched != bare) Assert.Contains(Flat(CatalogNames.Catalog.PropertiesOf(name)), p => p.OnlyWhenEnriched);
    }

    private static IEnumerable<EnsAdmin.Catalog.SchemaProperty> Flat(IEnumerable<EnsAdmin.Catalog.SchemaProperty> tree) => tree.SelectMany(p => Flat(p.Children).Prepend(p));

    private static JsonElement? Find(string json, string path)
    {
        var at = JsonDocument.Parse(json).RootElement;
        foreach (var name in path.Split('.'))
            if (!at.TryGetProperty(name, out at)) return null;
        return at;
    }
}
