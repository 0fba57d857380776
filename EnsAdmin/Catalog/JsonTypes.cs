using System.Globalization;
using System.Text.Json;

namespace EnsAdmin.Catalog;

/// <summary>The types of JSON Schema, as a set.</summary>
[Flags]
internal enum JsonTypes
{
    Any = 0,
    Null = 1,
    Boolean = 2,
    Integer = 4,
    Number = 8,
    Text = 16,
    Array = 32,
    Object = 64,
}

internal static class JsonTypeNames
{
    private static readonly (JsonTypes Type, string Name, string InWords)[] All =
    [
        (JsonTypes.Object, "object", "an object"), (JsonTypes.Array, "array", "an array"), (JsonTypes.Text, "string", "a string"),
        (JsonTypes.Integer, "integer", "an integer"), (JsonTypes.Number, "number", "a number"),
        (JsonTypes.Boolean, "boolean", "a boolean"), (JsonTypes.Null, "null", "null"),
    ];

    public static JsonTypes? Parse(string name)
    {
        foreach (var t in All) if (t.Name == name) return t.Type;
        return null;
    }

    public static bool Accepts(this JsonTypes types, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => (types & JsonTypes.Object) != 0,
        JsonValueKind.Array => (types & JsonTypes.Array) != 0,
        JsonValueKind.String => (types & JsonTypes.Text) != 0,
        JsonValueKind.Number => (types & JsonTypes.Number) != 0 || ((types & JsonTypes.Integer) != 0 && IsInteger(value)),
        JsonValueKind.True or JsonValueKind.False => (types & JsonTypes.Boolean) != 0,
        _ => (types & JsonTypes.Null) != 0,
    };

    public static string InWords(this JsonTypes types) => string.Join(" or ", All.Where(t => (types & t.Type) != 0).Select(t => t.InWords));

    /// <summary>What a value is, for people: <c>a string</c>, <c>a number</c>, <c>null</c>.</summary>
    public static string Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => IsInteger(value) ? "an integer" : "a number with a fraction",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };

    // Since draft-06 a number is an integer by its value: 12.0 is one.
    private static bool IsInteger(JsonElement value)
    {
        if (value.TryGetInt64(out _)) return true;
        var text = value.GetRawText();
        if (text.AsSpan().IndexOfAny(".eE") < 0) return true;
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? decimal.IsInteger(number)
            : double.IsInteger(value.GetDouble());
    }
}
