using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace EnsAdmin.Enrichment;

/// <summary>A value inside a payload and where in its bytes it stands, so that something can be put into it.</summary>
internal sealed class JsonPlace
{
    private List<(string Name, JsonPlace Value)>? _members;

    private JsonPlace(JsonValueKind kind) => Kind = kind;

    public JsonValueKind Kind { get; }

    /// <summary>Of an object or a list: the offset of its closing bracket.</summary>
    public int End { get; private init; }

    /// <summary>Of an object or a list: whether nothing is in it.</summary>
    public bool IsEmpty { get; private init; }

    /// <summary>Of a text its value, of a number its digits; else null.</summary>
    public string? Text { get; private init; }

    /// <summary>Of a list.</summary>
    public IReadOnlyList<JsonPlace> Items { get; private init; } = [];

    /// <param name="root">The whole payload.</param>
    /// <param name="names">The members that are looked at; null for all.</param>
    public static JsonPlace Of(JsonElement root, JsonElement value, IReadOnlySet<string>? names = null)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new List<(string, JsonPlace)>();
                var isEmpty = true;
                foreach (var member in value.EnumerateObject())
                {
                    isEmpty = false;
                    if (names is null || names.Contains(member.Name)) members.Add((member.Name, Of(root, member.Value)));
                }

                return new JsonPlace(JsonValueKind.Object) { End = EndOf(root, value), IsEmpty = isEmpty, _members = members };
            case JsonValueKind.Array:
                var items = new List<JsonPlace>(value.GetArrayLength());
                foreach (var item in value.EnumerateArray()) items.Add(Of(root, item));
                return new JsonPlace(JsonValueKind.Array) { End = EndOf(root, value), IsEmpty = items.Count == 0, Items = items };
            case JsonValueKind.String:
                return new JsonPlace(JsonValueKind.String) { Text = value.GetString() };
            case JsonValueKind.Number:
                return new JsonPlace(JsonValueKind.Number) { Text = value.GetRawText() };
            default:
                return new JsonPlace(value.ValueKind);
        }
    }

    public JsonPlace? Find(string name)
    {
        if (_members is null) return null;
        foreach (var (found, value) in _members)
            if (found == name) return value;
        return null;
    }

    // The raw bytes of a value lie inside those of the document.
    private static int EndOf(JsonElement root, JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        return (int)Unsafe.ByteOffset(ref MemoryMarshal.GetReference(JsonMarshal.GetRawUtf8Value(root)), ref MemoryMarshal.GetReference(raw)) + raw.Length - 1;
    }
}
