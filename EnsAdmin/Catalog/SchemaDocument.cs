using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EnsAdmin.Catalog;

/// <summary>A schema as read, and what had to be mended to read it.</summary>
/// <param name="Name">Its relative path.</param>
/// <param name="Root">The schema, mended.</param>
/// <param name="Mended">One sentence for each repair; empty when the text was in order.</param>
public sealed record SchemaDocument(string Name, JsonElement Root, IReadOnlyList<string> Mended)
{
    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions Forgiving = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads a schema, also one that lost square brackets in print.</summary>
    /// <exception cref="SchemaException">It is not JSON even after mending, or not an object; the message names it.</exception>
    public static SchemaDocument Read(string name, string text)
    {
        var mended = new List<string>();
        var root = Parse(name, text, mended) as JsonObject
            ?? throw new SchemaException($"{name} is not a JSON schema: an object is expected at the top.");
        SchemaMender.Mend(root, "", mended);
        return new(name, mended.Count == 0 ? JsonElement.Parse(text) : JsonSerializer.SerializeToElement(root), mended);
    }

    /// <summary>The schema as indented JSON.</summary>
    public string ToPrettyJson() => JsonSerializer.Serialize(Root, Pretty);

    private static JsonNode? Parse(string name, string text, List<string> mended)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException first)
        {
            var repaired = LostBrackets.Restore(text, mended);
            try
            {
                var root = JsonNode.Parse(repaired, documentOptions: Forgiving);
                if (mended.Count == 0) mended.Add("Comments, or commas with nothing after them, were left out.");
                return root;
            }
            catch (JsonException)
            {
                // The first error is the one whose line the reader can find in the original text.
                throw new SchemaException($"{name} is not JSON: line {first.LineNumber + 1}, {first.Message}", first);
            }
        }
    }
}
