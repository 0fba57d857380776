using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EnsAdmin.Shared;

/// <summary>Where in a request the JSON goes wrong, and how, in words for whoever sent it.</summary>
public static class JsonFaults
{
    /// <summary>Levels of objects and arrays.</summary>
    public const int MaxDepth = 64;

    /// <summary>How every request is read.</summary>
    public static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    /// <summary>The first place that is not JSON, is nested too deep, repeats a name or is not Unicode; null where all is in order.</summary>
    public static ApiError? Find(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        var places = new Stack<Place>();
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        places.Pop();
                        continue;
                    case JsonTokenType.PropertyName:
                        places.Peek().Name = reader.GetString()!;
                        if (!places.Peek().Names!.Add(places.Peek().Name)) return new ApiError(400, $"The name '{places.Peek().Name}' is given twice.", At(places));
                        continue;
                    default:
                        if (places.TryPeek(out var array) && array.Names is null) array.Index++;
                        break;
                }

                if (reader.TokenType == JsonTokenType.String) reader.GetString();
                else if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) places.Push(new Place(reader.TokenType == JsonTokenType.StartObject ? [] : null));
            }
        }
        catch (InvalidOperationException)
        {
            return new ApiError(400, "This text is not valid Unicode: it holds a lone surrogate or bytes that are not UTF-8.", At(places));
        }
        catch (JsonException) when (places.Count == MaxDepth && body[(int)reader.BytesConsumed..].TrimStart(" \t\r\n:,"u8) is [(byte)'[' or (byte)'{', ..])
        {
            return new ApiError(400, $"This is nested deeper than {MaxDepth} levels.", At(places));
        }
        catch (JsonException e)
        {
            return new ApiError(400, NoJson(body, e), At(places));
        }

        return null;
    }

    private static string NoJson(ReadOnlySpan<byte> body, JsonException fault)
    {
        var start = 0;
        for (var line = fault.LineNumber ?? 0; line > 0; line--) start += body[start..].IndexOf((byte)'\n') + 1;
        var at = start + (int)(fault.BytePositionInLine ?? 0);
        if (body.Trim(" \t\r\n"u8).IsEmpty) return "There is no JSON here.";
        if (at >= body.TrimEnd(" \t\r\n"u8).Length) return "This is not whole JSON: it ends before it is complete.";
        Rune.DecodeFromUtf8(body[at..], out var found, out _);
        var column = Encoding.UTF8.GetCharCount(body[start..at]) + 1;
        return string.Create(CultureInfo.InvariantCulture, $"This is not JSON: '{found}' does not fit at line {(fault.LineNumber ?? 0) + 1}, column {column}.");
    }

    private static string At(Stack<Place> places)
    {
        var pointer = new StringBuilder();
        foreach (var place in places.Reverse().Where(p => p.Names is null ? p.Index >= 0 : p.Name.Length > 0))
            pointer.Append('/').Append(place.Names is null ? place.Index.ToString(CultureInfo.InvariantCulture) : place.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
        return pointer.ToString();
    }

    /// <param name="names">The names so far of an object; null in an array.</param>
    private sealed class Place(HashSet<string>? names)
    {
        public HashSet<string>? Names => names;
        public string Name = "";
        public int Index = -1;
    }
}
