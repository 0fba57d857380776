using System.Text.Json;
using System.Text.Json.Nodes;
using EnsAdmin.Catalog;

namespace EnsAdmin.Tests.Catalog;

public sealed class ValidationTests(Judge judge) : IClassFixture<Judge>
{
    private static readonly EventCatalog Catalog = CatalogNames.Catalog;

    public static TheoryData<string> Names => CatalogNames.All;

    [Fact]
    public void A_wrong_type_is_named_with_its_place()
    {
        var errors = Errors("pointsExpired", m => m["data"]!["loyaltyProgramId"] = "5131866");
        Assert.Equal([new SchemaError("/data/loyaltyProgramId", "must be an integer, is a string")], errors);
    }

    [Fact]
    public void A_wrong_value_deep_in_a_list_is_named_with_its_place()
    {
        var errors = Errors("pointsExpired", m => m["data"]!["loyaltyProgramDetails"]!["tiers"]![1]!["tierNumber"] = 1.5);
        Assert.Equal([new SchemaError("/data/loyaltyProgramDetails/tiers/1/tierNumber", "must be an integer, is a number with a fraction")], errors);
    }

    [Fact]
    public void Missing_fields_are_named_where_they_should_be()
    {
        var errors = Errors("pointsExpired", m =>
        {
            m.Remove("refId");
            m["data"]!.AsObject().Remove("customerIdentifiers");
        });
        Assert.Equal(["/data/customerIdentifiers", "/refId"], errors.Select(e => e.Pointer).Order(StringComparer.Ordinal));
        Assert.All(errors, e => Assert.Equal("is required, but missing", e.Message));
    }

    [Theory]
    [InlineData("[]", "must be an object, is an array")]
    [InlineData("null", "must be an object, is null")]
    [InlineData("12", "must be an object, is an integer")]
    public void Something_else_than_an_object_is_refused_as_a_whole(string message, string complaint)
    {
        using var document = JsonDocument.Parse(message);
        Assert.Contains(new SchemaError("", complaint), Catalog.Validate("pointsExpired", document.RootElement));
    }

    [Fact]
    public void Fields_and_values_not_seen_before_are_accepted() =>
        Assert.Empty(Errors("pointsExpired", m =>
        {
            m["addedNextYear"] = 1;
            m["data"]!["alsoNew"] = new JsonObject { ["x"] = null };
            m["data"]!["entityInformation"]!["entityType"] = "DEPARTMENT";
        }));

    [Fact]
    public void Null_is_accepted_where_the_schema_says_so_and_nowhere_else()
    {
        Assert.Empty(Errors("pointsExpired", m => m["loyaltyEventId"] = null));
        Assert.Equal("must be a string, is null", Assert.Single(Errors("pointsExpired", m => m["eventSearchKey"] = null)).Message);
        Assert.Equal("must be an array or null, is a boolean", Assert.Single(Errors("pointsExpired", m => m["errors"] = true)).Message);
    }

    [Fact]
    public void A_whole_number_written_with_a_fraction_is_an_integer()
    {
        using var document = JsonDocument.Parse(Catalog.ExampleOf("pointsExpired", 1).Replace("\"orgId\": 1,", "\"orgId\": 1.0,", StringComparison.Ordinal));
        Assert.Empty(Catalog.Validate("pointsExpired", document.RootElement));
    }

    [Fact]
    public void A_field_name_written_with_escapes_is_recognised()
    {
        using var document = JsonDocument.Parse(Catalog.ExampleOf("pointsExpired", 1).Replace("\"orgId\"", "\"\\u006frgId\"", StringComparison.Ordinal));
        Assert.Empty(Catalog.Validate("pointsExpired", document.RootElement));
    }

    [Fact]
    public void A_message_wrong_in_thousands_of_places_gets_a_bounded_answer()
    {
        var errors = Errors("IssueBulkCoupon", m => m["data"]!["coupons"] = new JsonArray([.. Enumerable.Repeat(0, 5000).Select(i => (JsonNode)i)]));
        Assert.InRange(errors.Count, 1, 60);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Another_judge_finds_the_same_faults_in_the_same_places(string name)
    {
        var schema = await judge.Read(name);
        var example = JsonNode.Parse(Catalog.ExampleOf(name, 1115))!;
        foreach (var spoilt in Spoil(example))
        {
            using var document = JsonDocument.Parse(spoilt);
            var ours = Catalog.Validate(name, document.RootElement).Select(e => e.Pointer).Distinct().Order(StringComparer.Ordinal).ToList();
            // The judge misses required fields even in what is no object; the standard does not.
            Assert.Equal(Judge.Pointers(schema, spoilt).Where(p => !ours.Exists(o => p.StartsWith(o + "/", StringComparison.Ordinal))), ours);
        }
    }

    private static IReadOnlyList<SchemaError> Errors(string name, Action<JsonObject> change)
    {
        var message = JsonNode.Parse(Catalog.ExampleOf(name, 1115))!.AsObject();
        change(message);
        using var document = JsonDocument.Parse(message.ToJsonString());
        return Catalog.Validate(name, document.RootElement);
    }

    /// <summary>The message once for every field in it, with that field missing, and once with it of another type.</summary>
    private static IEnumerable<string> Spoil(JsonNode message)
    {
        foreach (var (holder, name) in Fields(message).ToList())
        {
            var kept = holder[name];
            holder[name] = kept?.GetValueKind() == JsonValueKind.True ? "true" : true;
            yield return message.ToJsonString();
            holder.Remove(name);
            yield return message.ToJsonString();
            holder[name] = kept;
        }
    }

    private static IEnumerable<(JsonObject Holder, string Name)> Fields(JsonNode? node) => node switch
    {
        JsonObject o => o.ToList().SelectMany(p => Fields(p.Value).Prepend((o, p.Key))),
        JsonArray a => a.SelectMany(Fields),
        _ => [],
    };
}
