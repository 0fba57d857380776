using System.Text.Json;
using System.Text.Json.Nodes;

namespace EnsAdmin.Catalog;

/// <summary>
/// Turns what is nearly a schema into one: a single value where a list belongs, and the <c>"required": true</c> of draft-03 beside the
/// field instead of in its object. Walks schemas only, so a field that happens to be called <c>required</c> is left alone.
/// </summary>
internal static class SchemaMender
{
    private static readonly string[] Lists = ["allOf", "anyOf", "oneOf"];
    private static readonly string[] Maps = ["properties", "definitions", "patternProperties"];
    private static readonly string[] Singles = ["items", "additionalProperties", "additionalItems", "contains", "not"];

    public static void Mend(JsonObject schema, string pointer, List<string> mended)
    {
        foreach (var keyword in Lists) WrapObject(schema, keyword, pointer, mended);
        WrapText(schema, "required", pointer, mended);
        WrapText(schema, "javaInterfaces", pointer, mended);
        LiftRequired(schema, pointer, mended);

        foreach (var keyword in Lists)
            if (schema[keyword] is JsonArray members)
                for (var i = 0; i < members.Count; i++) Descend(members[i], $"{pointer}/{keyword}/{i}", mended);
        foreach (var keyword in Maps)
            if (schema[keyword] is JsonObject map)
                foreach (var (name, value) in map) Descend(value, $"{pointer}/{keyword}/{JsonPointer.Escape(name)}", mended);
        foreach (var keyword in Singles)
            Descend(schema[keyword], $"{pointer}/{keyword}", mended);
    }

    private static void Descend(JsonNode? node, string pointer, List<string> mended)
    {
        if (node is JsonObject schema) Mend(schema, pointer, mended);
        else if (node is JsonArray tuple)
            for (var i = 0; i < tuple.Count; i++) Descend(tuple[i], $"{pointer}/{i}", mended);
    }

    private static void WrapObject(JsonObject schema, string keyword, string pointer, List<string> mended)
    {
        if (schema[keyword] is not JsonObject lone) return;
        schema[keyword] = new JsonArray(lone.DeepClone());
        mended.Add($"\"{keyword}\" {Where(pointer)} was an object; it was made a list of 1.");
    }

    private static void WrapText(JsonObject schema, string keyword, string pointer, List<string> mended)
    {
        if (schema[keyword]?.GetValueKind() != JsonValueKind.String) return;
        var names = schema[keyword]!.GetValue<string>().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        schema[keyword] = new JsonArray([.. names.Select(n => JsonValue.Create(n))]);
        mended.Add($"\"{keyword}\" {Where(pointer)} was a text; it was made a list of {names.Length}.");
    }

    private static void LiftRequired(JsonObject schema, string pointer, List<string> mended)
    {
        if (schema["properties"] is not JsonObject properties) return;
        foreach (var (name, value) in properties)
        {
            if (value is not JsonObject field) continue;
            var kind = field["required"]?.GetValueKind();
            if (kind is not (JsonValueKind.True or JsonValueKind.False)) continue;
            field.Remove("required");
            if (kind == JsonValueKind.False) continue;
            if (schema["required"] is not JsonArray required) schema["required"] = required = [];
            if (!required.Any(r => r?.GetValueKind() == JsonValueKind.String && r.GetValue<string>() == name)) required.Add((JsonNode)name);
            mended.Add($"\"required\": true at {pointer}/properties/{JsonPointer.Escape(name)} was moved to the list of its object.");
        }
    }

    private static string Where(string pointer) => pointer.Length == 0 ? "at the top" : $"at {pointer}";
}
