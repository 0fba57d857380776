using System.Text;
using System.Text.Json;

namespace EnsAdmin.Shared;

public enum JsonPart
{
    Plain,
    Key,
    Text,
    Number,
    Literal,
}

/// <summary>A run of characters of one colour.</summary>
/// <param name="IsAdded">Whether the text that it is compared with lacks it.</param>
public readonly record struct JsonSpan(JsonPart Part, string Text, bool IsAdded = false);

/// <summary>Lays JSON out over lines. Every value keeps the characters it was written with: no number or escape is rewritten.</summary>
public static class JsonText
{
    // Beyond this a page would carry more markup than anyone reads.
    private const int LongestColoured = 200_000;

    /// <summary>The laid-out spans, or null when the text is not JSON or too long to colour.</summary>
    /// <param name="original">The JSON that it was made of, by adding to its objects and at the ends of its lists; null to compare with nothing.</param>
    public static IReadOnlyList<JsonSpan>? Format(string text, string? original = null)
    {
        if (text.Length > LongestColoured) return null;
        try
        {
            using var before = original is null ? null : JsonDocument.Parse(original);
            return Layout(Encoding.UTF8.GetBytes(text), before is null ? null : new JsonCounterpart(before.RootElement));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<JsonSpan> Layout(byte[] utf8, JsonCounterpart? before)
    {
        var spans = new List<JsonSpan>();
        var plain = new StringBuilder();
        var reader = new Utf8JsonReader(utf8);
        var previous = JsonTokenType.None;
        while (reader.Read())
        {
            var token = reader.TokenType;
            var closes = token is JsonTokenType.EndObject or JsonTokenType.EndArray;
            if (closes && !Opens(previous)) NewLine(plain, reader.CurrentDepth);
            else if (!closes && previous is not (JsonTokenType.None or JsonTokenType.PropertyName))
            {
                if (!Opens(previous)) plain.Append(',');
                NewLine(plain, reader.CurrentDepth);
            }

            var raw = Encoding.UTF8.GetString(utf8, (int)reader.TokenStartIndex, Length(ref reader));
            var part = PartOf(token);
            var isAdded = before is not null && before.Follow(ref reader);
            if (part == JsonPart.Plain) plain.Append(raw);
            else
            {
                Flush(spans, plain);
                spans.Add(new(part, raw, isAdded));
                if (token == JsonTokenType.PropertyName) plain.Append(": ");
            }
            previous = token;
        }
        Flush(spans, plain);
        return spans;
    }

    // ValueSpan leaves out the quotation marks of texts and keys.
    private static int Length(ref Utf8JsonReader reader) =>
        reader.ValueSpan.Length + (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? 2 : 0);

    private static bool Opens(JsonTokenType token) => token is JsonTokenType.StartObject or JsonTokenType.StartArray;

    private static void NewLine(StringBuilder plain, int depth) => plain.Append('\n').Append(' ', depth * 2);

    private static void Flush(List<JsonSpan> spans, StringBuilder plain)
    {
        if (plain.Length == 0) return;
        spans.Add(new(JsonPart.Plain, plain.ToString()));
        plain.Clear();
    }

    private static JsonPart PartOf(JsonTokenType token) => token switch
    {
        JsonTokenType.PropertyName => JsonPart.Key,
        JsonTokenType.String => JsonPart.Text,
        JsonTokenType.Number => JsonPart.Number,
        JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null => JsonPart.Literal,
        _ => JsonPart.Plain,
    };
}

/// <summary>Goes along in another JSON text while one is read, and says what the other lacks.</summary>
internal sealed class JsonCounterpart(JsonElement root)
{
    private readonly Stack<(JsonElement? Value, int Next)> _open = new();
    private JsonElement? _coming = root;

    /// <summary>To be told of every token in turn.</summary>
    /// <returns>Whether the other lacks it.</returns>
    public bool Follow(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray) return _open.Pop().Value is null;
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            _coming = _open.Peek().Value is { ValueKind: JsonValueKind.Object } members && members.TryGetProperty(reader.GetString()!, out var member) ? member : null;
            return _coming is null;
        }

        if (_open.TryPeek(out var around) && around.Next >= 0)
        {
            _open.Pop();
            _open.Push(around with { Next = around.Next + 1 });
            _coming = around.Value is { ValueKind: JsonValueKind.Array } list && around.Next < list.GetArrayLength() ? list[around.Next] : null;
        }

        if (reader.TokenType == JsonTokenType.StartObject) _open.Push((_coming, -1));
        if (reader.TokenType == JsonTokenType.StartArray) _open.Push((_coming, 0));
        return _coming is null;
    }
}
