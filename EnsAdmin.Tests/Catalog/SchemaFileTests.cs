using System.Text.Json;
using EnsAdmin.Catalog;

namespace EnsAdmin.Tests.Catalog;

public sealed class SchemaFileTests(Judge judge) : IClassFixture<Judge>
{
    public static TheoryData<string> Names => CatalogNames.All;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_schema_has_the_published_form(string name)
    {
        using var document = JsonDocument.Parse(CatalogNames.Catalog.RawSchemaOf(name));
        var schema = document.RootElement;
        Assert.Equal("http://json-schema.org/draft-06/schema#", schema.GetProperty("$schema").GetString());
        Assert.Equal("commonEvent.json", schema.GetProperty("allOf")[0].GetProperty("$ref").GetString());
        Assert.Equal("commonEvent.json", schema.GetProperty("extends").GetProperty("$ref").GetString());
        Assert.Equal(JsonValueKind.Array, schema.GetProperty("javaInterfaces").ValueKind);
        Assert.Equal(name, schema.GetProperty("name").GetString());
        Assert.Equal("object", schema.GetProperty("type").GetString());
        Assert.Equal(CatalogNames.Catalog.Find(name)!.WireName, schema.GetProperty("properties").GetProperty("eventName").GetProperty("default").GetString());
        Assert.EndsWith("Attributes", schema.GetProperty("properties").GetProperty("data").GetProperty("javaType").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_file_of_ours_needs_mending()
    {
        var documents = SchemaStore.LoadEmbedded().Documents;
        Assert.Equal(94, documents.Count);
        Assert.All(documents, d => Assert.Empty(d.Mended));
    }

    [Fact]
    public void A_customer_is_described_once()
    {
        var customer = Field(CatalogNames.Catalog.PropertiesOf("pointsExpired"), "data", "customerIdentifiers");
        Assert.Equal("internal/customer.json", customer.Source);
        Assert.Contains("\"$ref\": \"internal/customer.json\"", CatalogNames.Catalog.RawSchemaOf("pointsExpired"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_tree_shows_the_envelope_and_the_data_with_what_is_required()
    {
        var fields = CatalogNames.Catalog.PropertiesOf("pointsExpired");
        Assert.Equal(["eventName", "eventId", "orgId", "refId", "apiRequestId", "createdAt", "data"], fields.Where(f => f.Required).Select(f => f.Name));
        Assert.Equal("string or null", Field(fields, "loyaltyEventId").Type);
        Assert.Equal("map", Field(fields, "traceAttributes").Type);
        Assert.Equal("commonEvent.json", Field(fields, "eventId").Source);
        Assert.True(Field(fields, "data", "customerIdentifiers").Required);
        Assert.False(Field(fields, "data", "pointsExpired").Required);
        Assert.Equal("number", Field(fields, "data", "pointsExpired").Type);
        Assert.Equal("array of object", Field(fields, "data", "loyaltyProgramDetails", "tiers").Type);
        Assert.Equal("integer", Field(fields, "data", "loyaltyProgramDetails", "tiers", "tierNumber").Type);
        Assert.Equal("array of string", Field(fields, "data", "customerIdentifiers", "instore", "cardNumbers").Type);
        Assert.Contains("ReturnBill", Field(fields, "data", "triggeringActivity", "name").KnownValues);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_field_says_what_it_means(string name)
    {
        Assert.All(Flat(CatalogNames.Catalog.PropertiesOf(name)).Where(f => f.Name is not "data"),
            f => Assert.False(string.IsNullOrWhiteSpace(f.Description), f.Name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_organization_is_spelled_as_on_the_screens(string name) =>
        Assert.DoesNotContain(Flat(CatalogNames.Catalog.PropertiesOf(name)), f => f.Description?.Contains("organis", StringComparison.OrdinalIgnoreCase) ?? false);

    [Fact]
    public async Task Another_reader_takes_the_same_schemas()
    {
        foreach (var type in CatalogNames.Catalog.All) Assert.NotNull(await judge.Read(type.Name));
    }

    private static IEnumerable<SchemaProperty> Flat(IEnumerable<SchemaProperty> fields) => fields.SelectMany(f => Flat(f.Children).Prepend(f));

    private static SchemaProperty Field(IReadOnlyList<SchemaProperty> fields, params string[] path) =>
        path.Aggregate((At: (SchemaProperty?)null, Among: fields), (x, name) => x.Among.Single(f => f.Name == name) is var f ? (f, f.Children) : x).At!;
}
