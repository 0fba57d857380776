using System.Text.Json;

namespace EnsAdmin.Catalog;

/// <summary>
/// Turns schemas of a store into <see cref="CompiledSchema"/>s, each place once: a schema that contains itself becomes a loop of objects.
/// Not thread-safe; the results are.
/// </summary>
internal sealed class SchemaCompiler(SchemaStore store)
{
    private readonly Dictionary<(string, string), CompiledSchema> _compiled = [];

    public CompiledSchema Compile(SchemaPlace place) => Compile(place, []);

    /// <param name="place">What to compile.</param>
    /// <param name="here">The places that apply to the same value as this one: to meet one of them again says nothing new, and would
    /// make the check go round for ever.</param>
    private CompiledSchema Compile(SchemaPlace place, HashSet<(string, string)> here)
    {
        if (store.Follow(place) is not { } target || !here.Add(target.Address)) return new();
        try
        {
            if (_compiled.TryGetValue(target.Address, out var known)) return known;
            var schema = new CompiledSchema();
            _compiled.Add(target.Address, schema);
            Fill(schema, target, here);
            return schema;
        }
        finally
        {
            here.Remove(target.Address);
        }
    }

    private void Fill(CompiledSchema schema, SchemaPlace place, HashSet<(string, string)> here)
    {
        if (place.Schema.ValueKind == JsonValueKind.True) return;
        if (place.Schema.ValueKind == JsonValueKind.False)
        {
            schema.Never = true;
            return;
        }
        if (place.Schema.ValueKind != JsonValueKind.Object) throw new SchemaException($"{place} is not a schema: an object is expected.");

        foreach (var name in place.Types)
            schema.Types |= JsonTypeNames.Parse(name) ?? throw new SchemaException($"{place} names the type \"{name}\", which JSON Schema does not know.");
        schema.SetFields(place.Properties().ToDictionary(p => p.Name, p => Compile(p.Place), StringComparer.Ordinal), place.Texts("required"));
        if (Below(place, "additionalProperties") is { } others) schema.AdditionalFields = Compile(others);
        if (Below(place, "items") is { Schema.ValueKind: not JsonValueKind.Array } items) schema.Items = Compile(items);
        schema.AllOf = [.. place.Members("allOf").Select(m => Compile(m, here))];
        schema.Rules =
        [
            .. ValueRules.Of(place),
            .. Choices(place, "anyOf", here, fits => fits == 0 ? "fits none of the forms allowed here" : null),
            .. Choices(place, "oneOf", here, fits => fits == 1 ? null : fits == 0 ? "fits none of the forms allowed here" : "fits several forms of which only one may fit"),
            .. Choices(place, "not", here, fits => fits == 0 ? null : "has a form that is ruled out here"),
        ];
    }

    private List<ValueRule> Choices(SchemaPlace place, string keyword, HashSet<(string, string)> here, Func<int, string?> judge)
    {
        var members = keyword == "not" ? Below(place, keyword) is { } one ? [one] : [] : place.Members(keyword).ToList();
        if (members.Count == 0) return [];
        var schemas = members.ConvertAll(m => Compile(m, here));
        return [value => judge(schemas.Count(s => Fits(s, value)))];
    }

    private static bool Fits(CompiledSchema schema, JsonElement value)
    {
        List<SchemaError>? errors = null;
        schema.Check(value, ref errors);
        return errors is null;
    }

    private static SchemaPlace? Below(SchemaPlace place, string keyword) =>
        place.Schema.TryGetProperty(keyword, out var schema) ? place.At(keyword, schema) : null;
}
