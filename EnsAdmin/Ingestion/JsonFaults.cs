using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EnsAdmin.Ingestion;

/// <summary>Where in a request the JSON goes wrong; the parser itself says only at which byte.</summary>
internal static class JsonFaults
{
    /// <summary>The JSON pointer to the first place that is not JSON, is nested too deep, repeats a name or is not Unicode; "" where it is the whole.</summary>
    public static string Pointer(ReadOnlySpan<byte> body, int maxDepth)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = maxDepth });
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
                        if (!places.Peek().Names!.Add(places.Peek().Name)) return At(places);
                        continue;
                    default:
                        if (places.TryPeek(out var array) && array.Names is null) array.Index++;
                        break;
                }

                if (reader.TokenType == JsonTokenType.String) reader.GetString();
                else if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) places.Push(new Place(reader.TokenType == JsonTokenType.StartObject ? [] : null));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Here it is.
        }

        return At(places);
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
