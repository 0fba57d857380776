using System.Text.Json;
using EnsAdmin.Catalog;

namespace EnsAdmin.Tests.Catalog;

public sealed class MendingTests
{
    // How a schema looks after its square brackets were lost on the way into print.
    private const string Printed = """
        {
          "allOf": { "$ref": "commonEvent.json" },
          "javaInterfaces": "com.example.events.BaseEvent", "com.example.events.Searchable",
          "$schema": "http://json-schema.org/draft-06/schema#",
          "extends": { "$ref": "commonEvent.json" },
          "name": "pointsExpired",
          "description": "Points of a customer lapsed.",
          "type": "object",
          "properties": {
            "eventName": { "type": "string", "default": "pointsExpired" },
            "data": {
              "javaType": "com.example.events.PointsExpiredAttributes",
              "type": "object",
              "required": "customerIdentifiers",
              "properties": {
                "customerIdentifiers": { "$ref": "internal/customer.json" },
                "triggeringActivity": { "$ref": "internal/triggerActivity.json" },
                "loyaltyProgramId": { "type": "integer" },
                "pointsExpired": { "type": "number" }
              }
            }
          }
        }
        """;

    [Fact]
    public void A_schema_printed_without_its_brackets_is_read_and_the_repairs_are_told()
    {
        var document = SchemaDocument.Read("pointsExpired.json", Printed);
        Assert.Equal(
        [
            "\"javaInterfaces\" had 2 values without square brackets; they were put back.",
            "\"allOf\" at the top was an object; it was made a list of 1.",
            "\"required\" at /properties/data was a text; it was made a list of 1.",
        ], document.Mended);
        Assert.Equal(2, document.Root.GetProperty("javaInterfaces").GetArrayLength());
        Assert.Equal("commonEvent.json", document.Root.GetProperty("allOf")[0].GetProperty("$ref").GetString());
    }

    [Fact]
    public void A_mended_schema_judges_messages_like_the_whole_one()
    {
        var store = new SchemaStore(SchemaStore.LoadEmbedded().Documents.Where(d => d.Name != "pointsExpired.json")
            .Select(d => KeyValuePair.Create(d.Name, d.ToPrettyJson())).Append(KeyValuePair.Create("pointsExpired.json", Printed)));
        using var message = JsonDocument.Parse(CatalogNames.Catalog.ExampleOf("pointsExpired", 1115));
        using var empty = JsonDocument.Parse("""{"data":{}}""");
        var schema = new SchemaCompiler(store).Compile(store.Open("pointsExpired.json"));

        List<SchemaError>? errors = null;
        schema.Check(message.RootElement, ref errors);
        Assert.Null(errors);
        schema.Check(empty.RootElement, ref errors);
        Assert.Contains("/data/customerIdentifiers", errors!.Select(e => e.Pointer));
        Assert.Contains("/eventId", errors!.Select(e => e.Pointer));
    }

    [Theory]
    [InlineData("""{"javaInterfaces": "a.B"}""", """{"javaInterfaces":["a.B"]}""")]
    [InlineData("""{"javaInterfaces": "a.B, c.D"}""", """{"javaInterfaces":["a.B","c.D"]}""")]
    [InlineData("""{"required": "a", "b", "type": "object"}""", """{"required":["a","b"],"type":"object"}""")]
    [InlineData("""{"required": "a", "b"}""", """{"required":["a","b"]}""")]
    [InlineData("""{"allOf": {"$ref": "a.json"}, {"title": "\"}{"}, "name": "x"}""", """{"allOf":[{"$ref":"a.json"},{"title":"\u0022}{"}],"name":"x"}""")]
    [InlineData("""{"properties": {"a": {"type": "string", "required": true}, "b": {"required": false}}}""", """{"properties":{"a":{"type":"string"},"b":{}},"required":["a"]}""")]
    public void What_belongs_in_a_list_is_put_into_one(string printed, string meant)
    {
        var document = SchemaDocument.Read("a.json", printed);
        Assert.Equal(meant, JsonSerializer.Serialize(document.Root));
        Assert.NotEmpty(document.Mended);
    }

    [Theory]
    [InlineData("""{"properties":{"required":{"type":"string"},"allOf":{"type":"object"}},"default":{"required":"yes"}}""")]
    [InlineData("""{"type":"object","required":["a"],"allOf":[{"type":"object"}]}""")]
    public void What_is_in_order_is_left_alone(string schema)
    {
        var document = SchemaDocument.Read("a.json", schema);
        Assert.Empty(document.Mended);
        Assert.Equal(schema, JsonSerializer.Serialize(document.Root));
    }

    [Fact]
    public void A_comma_too_many_is_forgiven_and_told()
    {
        var document = SchemaDocument.Read("a.json", """{"type": "object",}""");
        Assert.Equal("object", document.Root.GetProperty("type").GetString());
        Assert.Single(document.Mended);
    }
}
