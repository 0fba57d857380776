using System.Text.Json;
using EnsAdmin.Catalog;

namespace EnsAdmin.Tests.Catalog;

public sealed class CompiledSchemaTests
{
    [Theory]
    [InlineData("""{"enum":["A",2]}""", "\"B\"", "must be one of \"A\", 2")]
    [InlineData("""{"const":{"a":1}}""", """{"a":2}""", "must be {\"a\":1}")]
    [InlineData("""{"minimum":3}""", "2", "must be 3 or more, is 2")]
    [InlineData("""{"maximum":3}""", "3.5", "must be 3 or less, is 3.5")]
    [InlineData("""{"exclusiveMinimum":3}""", "3", "must be more than 3, is 3")]
    [InlineData("""{"exclusiveMaximum":3}""", "3", "must be less than 3, is 3")]
    [InlineData("""{"minLength":2}""", "\"😀\"", "must have 2 characters or more, has 1")]
    [InlineData("""{"maxLength":2}""", "\"abc\"", "must have 2 characters or less, has 3")]
    [InlineData("""{"minItems":1}""", "[]", "must have 1 items or more, has 0")]
    [InlineData("""{"maxItems":1}""", "[1,2]", "must have 1 items or less, has 2")]
    [InlineData("""{"pattern":"^[0-9]+$"}""", "\"12a\"", "must match the pattern ^[0-9]+$")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", "1", "fits none of the forms allowed here")]
    [InlineData("""{"oneOf":[{"type":"number"},{"type":"integer"}]}""", "1", "fits several forms of which only one may fit")]
    [InlineData("""{"not":{"type":"string"}}""", "\"\"", "has a form that is ruled out here")]
    [InlineData("""{"type":["integer","null"]}""", "\"\"", "must be an integer or null, is a string")]
    public void A_value_outside_its_bounds_is_told_so(string schema, string value, string complaint) =>
        Assert.Equal([new SchemaError("", complaint)], Check(schema, value));

    [Theory]
    [InlineData("""{"minimum":3,"minLength":2,"minItems":1,"pattern":"a"}""", "true")]
    [InlineData("""{"enum":["A",{"b":[1]}]}""", """{"b":[1]}""")]
    [InlineData("""{"type":"integer"}""", "123456789012345678901234567890")]
    [InlineData("""{"type":"integer"}""", "1e3")]
    [InlineData("""{"type":"number"}""", "-0.5")]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"null"}]}""", "null")]
    [InlineData("""{"items":[{"type":"string"}]}""", "[1]")]
    [InlineData("{}", "[null]")]
    public void A_rule_says_nothing_about_values_it_is_not_for(string schema, string value) => Assert.Empty(Check(schema, value));

    [Fact]
    public void Fields_that_are_not_declared_follow_additionalProperties()
    {
        Assert.Equal([new SchemaError("/b", "is not allowed here")], Check("""{"properties":{"a":{}},"additionalProperties":false}""", """{"a":1,"b":2}"""));
        Assert.Equal([new SchemaError("/b", "must be a string, is an integer")], Check("""{"properties":{"a":{}},"additionalProperties":{"type":"string"}}""", """{"a":1,"b":2}"""));
        Assert.Empty(Check("""{"properties":{"a":{}},"additionalProperties":true}""", """{"a":1,"b":2}"""));
    }

    [Fact]
    public void A_pointer_escapes_what_the_standard_wants_escaped() =>
        Assert.Equal("/a~1b~0c/0", Assert.Single(Check("""{"properties":{"a/b~c":{"items":{"type":"string"}}}}""", """{"a/b~c":[1]}""")).Pointer);

    [Fact]
    public void Every_part_of_allOf_counts() =>
        Assert.Equal(["/a", "/b"], Check("""{"required":["a"],"allOf":[{"required":["b"]},{"properties":{"c":{"type":"null"}}}]}""", """{"c":null}""").Select(e => e.Pointer));

    [Fact]
    public void A_type_that_does_not_exist_is_refused_when_the_schema_is_read() =>
        Assert.Contains("\"text\"", Assert.Throws<SchemaException>(() => Check("""{"type":"text"}""", "1")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_pattern_that_is_not_one_is_refused_when_the_schema_is_read() =>
        Assert.Contains("a.json", Assert.Throws<SchemaException>(() => Check("""{"pattern":"("}""", "1")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_valid_message_costs_no_memory()
    {
        using var document = JsonDocument.Parse(CatalogNames.Catalog.ExampleOf("transactionAdded", 1));
        for (var i = 0; i < 500; i++) CatalogNames.Catalog.Validate("transactionAdded", document.RootElement);
        var before = GC.GetAllocatedBytesForCurrentThread();
        CatalogNames.Catalog.Validate("transactionAdded", document.RootElement);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256);
    }

    private static List<SchemaError> Check(string schema, string value)
    {
        var store = new SchemaStore([KeyValuePair.Create("a.json", schema)]);
        using var document = JsonDocument.Parse(value);
        List<SchemaError>? errors = null;
        new SchemaCompiler(store).Compile(store.Open("a.json")).Check(document.RootElement, ref errors);
        return errors ?? [];
    }
}
