using System.Buffers;
using System.Text;
using System.Text.Json;

namespace EnsAdmin.Domain;

/// <summary>
/// The values of a record as one JSON object by <see cref="DirectoryKind.JsonNames"/>, without those that are unknown: so customers are stored. Read once for where each
/// value stands, since payloads are JSON as well and take it as it is.
/// </summary>
public sealed class RecordJson
{
    private static readonly SearchValues<char> ToEscape = SearchValues.Create(['"', '\\', .. Enumerable.Range(0, 32).Select(i => (char)i)]);

    private readonly (int From, int To)[] _places;

    private RecordJson(byte[] bytes, (int, int)[] places) => (Bytes, _places) = (bytes, places);

    public byte[] Bytes { get; }

    /// <summary>The value at a place as JSON; empty where nothing is known.</summary>
    public ReadOnlySpan<byte> this[int place] => Bytes.AsSpan(_places[place].From, _places[place].To - _places[place].From);

    public static RecordJson Read(DirectoryKind kind, byte[] bytes)
    {
        var names = kind.JsonNames;
        var places = new (int, int)[names.Count];
        var reader = new Utf8JsonReader(bytes);
        reader.Read();
        for (var next = 0; reader.Read() && reader.TokenType == JsonTokenType.PropertyName;)
        {
            var place = PlaceOf(reader, names, next);
            reader.Read();
            var from = (int)reader.TokenStartIndex;
            reader.Skip();
            if (place is { } known && reader.TokenType != JsonTokenType.Null) places[known] = (from, (int)reader.BytesConsumed);
            next = (place ?? next) + 1;
        }

        return new RecordJson(bytes, places);

        // They mostly stand in order; who wrote them by hand may have done otherwise.
        static int? PlaceOf(in Utf8JsonReader reader, IReadOnlyList<byte[]> names, int next)
        {
            for (var i = next; i < names.Count + next; i++)
                if (reader.ValueTextEquals(names[i % names.Count])) return i % names.Count;
            return null;
        }
    }

    /// <param name="values">By the places of the names: texts as they are, numbers as digits, lists as JSON; null for what is unknown.</param>
    public static RecordJson Of(DirectoryKind kind, params ReadOnlySpan<string?> values)
    {
        var json = new StringBuilder("{");
        var places = new (int, int)[kind.JsonNames.Count];
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is not { } value) continue;
            if (json.Length > 1) json.Append(',');
            json.Append('"').Append(Encoding.UTF8.GetString(kind.JsonNames[i])).Append("\":");
            if (i < kind.Fields.Count && kind.Fields[i].Form is FieldForm.Text or FieldForm.TimeZone) Quote(json, value);
            else json.Append(value);
        }

        return Read(kind, Encoding.UTF8.GetBytes(json.Append('}').ToString()));
    }

    /// <summary>Whether nothing of a text has to be escaped.</summary>
    public static bool IsPlain(ReadOnlySpan<char> text) => !text.ContainsAny(ToEscape);

    /// <summary>A text as JSON, with no more escaped than has to be.</summary>
    public static string Quote(string text) => Quote(new StringBuilder(text.Length + 2), text).ToString();

    /// <summary>As a record keeps it: a text without its quotes, a number's digits, a list as it is; null where nothing is known.</summary>
    public string? Value(int place)
    {
        var json = this[place];
        if (json.IsEmpty) return null;
        if (json[0] != '"') return Encoding.UTF8.GetString(json);
        if (!json.Contains((byte)'\\')) return Encoding.UTF8.GetString(json[1..^1]);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return reader.GetString();
    }

    private static StringBuilder Quote(StringBuilder into, string text)
    {
        into.Append('"');
        if (IsPlain(text)) return into.Append(text).Append('"');
        foreach (var c in text) _ = ToEscape.Contains(c) ? c >= ' ' ? into.Append('\\').Append(c) : into.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : into.Append(c);
        return into.Append('"');
    }
}
