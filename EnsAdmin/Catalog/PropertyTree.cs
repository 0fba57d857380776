using System.Text.Json;

namespace EnsAdmin.Catalog;

/// <summary>Reads the fields of a schema for people: <c>allOf</c> joined, references followed, a schema inside itself named but not repeated.</summary>
internal sealed class PropertyTree(SchemaStore store)
{
    public IReadOnlyList<SchemaProperty> Of(SchemaPlace schema) => Fields(schema, [], null);

    private List<SchemaProperty> Fields(SchemaPlace reference, List<(string, string)> above, string? source)
    {
        if (store.Follow(reference) is not { } place || above.Contains(place.Address)) return [];
        above = [.. above, place.Address];

        // What the schema says itself overrides what it takes from allOf, in the place where the latter put it.
        var fields = new List<SchemaProperty>();
        foreach (var part in place.Members("allOf"))
            if (store.Follow(part) is { } target)
                foreach (var field in Fields(target, above, SourceOf(part, target) ?? source)) Put(fields, field);
        foreach (var (name, property) in place.Properties())
            Put(fields, Field(name, property, above, source));

        var required = place.Texts("required").ToHashSet(StringComparer.Ordinal);
        return fields.ConvertAll(f => required.Contains(f.Name) ? f with { Required = true } : f);
    }

    private SchemaProperty Field(string name, SchemaPlace reference, List<(string, string)> above, string? source)
    {
        var description = reference.Text("description");
        if (store.Follow(reference) is not { } place)
            return new(name, "any " + SchemaProperty.RecursiveMark, false, description, [], source, []);

        source = SourceOf(reference, place) ?? source;
        var (type, inner, itemSource) = Describe(place);
        var recursive = inner is { } i && above.Contains(i.Address);
        return new(
            name,
            recursive ? $"{type} {SchemaProperty.RecursiveMark}" : type,
            false,
            description ?? place.Text("description"),
            [.. KnownValues(place)],
            source ?? itemSource,
            recursive || inner is null ? [] : Fields(inner.Value, above, null)) { OnlyWhenEnriched = reference.Flag("onlyWhenEnriched") };
    }

    /// <summary>The type in words, and the object whose fields belong below: the value itself, or what an array holds.</summary>
    private (string Type, SchemaPlace? Inner, string? Source) Describe(SchemaPlace place)
    {
        var type = place.Text("javaType") == "java.util.Map" ? "map" : string.Join(" or ", place.Types);
        if (type.Length == 0) type = place.Properties().Any() || place.Members("allOf").Any() ? "object" : "any";
        if (!place.Types.Contains("array")) return (type, place, null);
        if (place.Keyword("items", JsonValueKind.Object) is not { } items) return (type, null, null);
        var reference = place.At("items", items);
        if (store.Follow(reference) is not { } item) return ("array of any", null, null);
        var (inner, at, source) = Describe(item);
        return (inner == "any" ? type : $"{type} of {inner}", at, SourceOf(reference, item) ?? source);
    }

    private static IEnumerable<string> KnownValues(SchemaPlace place) =>
        place.Texts("knownValues").Concat(
            place.Keyword("enum", JsonValueKind.Array) is { } list ? list.EnumerateArray().Select(v => v.ToString()) : []);

    private static string? SourceOf(SchemaPlace reference, SchemaPlace target) => reference.Document == target.Document ? null : target.Document;

    private static void Put(List<SchemaProperty> fields, SchemaProperty field)
    {
        var at = fields.FindIndex(f => f.Name == field.Name);
        if (at < 0) fields.Add(field);
        else
            fields[at] = field with
            {
                Required = field.Required || fields[at].Required,
                Description = field.Description ?? fields[at].Description,
                Source = field.Source,
            };
    }
}
