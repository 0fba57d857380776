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
public readonly record struct JsonSpan(JsonPart Part, string Text);

/// <summary>Lays JSON out over lines. Every value keeps the characters it was written with: no number or escape is rewritten.</summary>
public static class JsonText
{
    // Beyond this a page would carry more markup than anyone reads.
    private const int LongestColoured = 200_000;

    /// <summary>The laid-out spans, or null when the text is not JSON or too long to colour.</summary>
    public static IReadOnlyList<JsonSpan>? Format(string text)
    {
        if (text.Length > LongestColoured) return null;
        try
        {
            return Layout(Encoding.UTF8.GetBytes(text));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<JsonSpan> Layout(byte[] utf8)
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
            if (part == JsonPart.Plain) plain.Append(raw);
            else
            {
                Flush(spans, plain);
                spans.Add(new(part, raw));
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
