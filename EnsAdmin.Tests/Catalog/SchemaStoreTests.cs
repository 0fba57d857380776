using System.Text.Json;
using EnsAdmin.Catalog;

namespace EnsAdmin.Tests.Catalog;

public sealed class SchemaStoreTests
{
    [Theory]
    [InlineData("https://schemas.example.com/customer.json")]
    [InlineData("file:///etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("../outside.json")]
    [InlineData("internal/../../outside.json")]
    [InlineData("internal\\customer.json")]
    [InlineData("nowhere.json")]
    public void A_reference_out_of_the_store_is_refused_by_name(string reference)
    {
        var store = Store(("a.json", """{"properties":{"x":{"$ref":REF}}}""".Replace("REF", JsonSerializer.Serialize(reference), StringComparison.Ordinal)));
        var error = Assert.Throws<SchemaException>(store.CheckReferences);
        Assert.StartsWith($"a.json at /properties/x refers to \"{reference}\", which is not in the schema store", error.Message, StringComparison.Ordinal);
        Assert.Throws<SchemaException>(() => new PropertyTree(store).Of(store.Open("a.json")));
    }

    [Fact]
    public void A_reference_to_nothing_within_a_file_is_refused()
    {
        var store = Store(("a.json", """{"properties":{"x":{"$ref":"#/definitions/gone"}}}"""));
        Assert.Contains("has nothing at \"/definitions/gone\"", Assert.Throws<SchemaException>(store.CheckReferences).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void References_are_relative_to_the_file_they_stand_in()
    {
        var store = Store(
            ("a.json", """{"properties":{"x":{"$ref":"internal/b.json"},"y":{"$ref":"internal/b.json#/definitions/a~1b"}}}"""),
            ("internal/b.json", """{"properties":{"up":{"$ref":"../c.json"},"beside":{"$ref":"./d.json"}},"definitions":{"a/b":{"type":"boolean"}}}"""),
            ("c.json", """{"type":"integer"}"""),
            ("internal/d.json", """{"type":"string"}"""));
        var tree = new PropertyTree(store).Of(store.Open("a.json"));
        Assert.Equal(["integer", "string"], tree[0].Children.Select(c => c.Type));
        Assert.Equal("boolean", tree[1].Type);
        Assert.Equal("internal/b.json", tree[1].Source);
    }

    [Fact]
    public void A_schema_that_contains_itself_ends_in_a_field_marked_recursive()
    {
        var store = Store(("member.json", """
            {"type":"object","required":["name"],"properties":{"name":{"type":"string"},"invitedBy":{"$ref":"member.json"},
             "children":{"type":"array","items":{"$ref":"#"}}}}
            """));
        var tree = new PropertyTree(store).Of(store.Open("member.json"));
        Assert.Equal(["string", "object (recursive)", "array of object (recursive)"], tree.Select(f => f.Type));
        Assert.All(tree, f => Assert.Empty(f.Children));

        Assert.Equal(["/children/0/children/0/name"], Check(store, "member.json", """{"name":"a","children":[{"name":"b","children":[{"name":1}]}]}"""));
        Assert.Equal(["/invitedBy/name"], Check(store, "member.json", """{"name":"a","invitedBy":{}}"""));
    }

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"allOf":[{"$ref":"#"}]}""")]
    [InlineData("""{"$ref":"#/definitions/a","definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}}}""")]
    [InlineData("""{"anyOf":[{"$ref":"#"},{"type":"object"}]}""")]
    public void References_that_only_lead_in_a_circle_do_not_hang(string schema)
    {
        var store = Store(("a.json", schema));
        Assert.Empty(new PropertyTree(store).Of(store.Open("a.json")));
        Assert.Empty(Check(store, "a.json", """{"x":1}"""));
    }

    [Fact]
    public void A_file_that_is_not_JSON_is_named_with_the_line()
    {
        var error = Assert.Throws<SchemaException>(() => Store(("fine.json", "{}"), ("broken.json", "{\n \"type\": object\n}")));
        Assert.StartsWith("broken.json is not JSON: line 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_object_is_refused() =>
        Assert.Contains("list.json", Assert.Throws<SchemaException>(() => Store(("list.json", "[]"))).Message, StringComparison.Ordinal);

    private static SchemaStore Store(params (string Name, string Text)[] files) => new(files.Select(f => KeyValuePair.Create(f.Name, f.Text)));

    private static IEnumerable<string> Check(SchemaStore store, string name, string message)
    {
        using var document = JsonDocument.Parse(message);
        List<SchemaError>? errors = null;
        new SchemaCompiler(store).Compile(store.Open(name)).Check(document.RootElement, ref errors);
        return (errors ?? []).Select(e => e.Pointer);
    }
}
