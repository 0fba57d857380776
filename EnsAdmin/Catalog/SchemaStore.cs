using System.Text.Json;

namespace EnsAdmin.Catalog;

/// <summary>
/// Schemas by relative path (<c>pointsExpired.json</c>, <c>internal/customer.json</c>). A <c>$ref</c> leads from one to another
/// and never out: no file is opened and no address called, so a schema from a stranger can be read safely.
/// </summary>
public sealed class SchemaStore
{
    private const string ResourcePrefix = "schemas/";
    private readonly Dictionary<string, SchemaDocument> _documents = new(StringComparer.Ordinal);

    /// <param name="texts">Relative path and JSON text of each schema.</param>
    /// <exception cref="SchemaException">One is not JSON; the message names it.</exception>
    public SchemaStore(IEnumerable<KeyValuePair<string, string>> texts)
    {
        foreach (var (name, text) in texts) _documents.Add(name, SchemaDocument.Read(name, text));
    }

    /// <summary>The schemas inside the program.</summary>
    public static SchemaStore LoadEmbedded()
    {
        var assembly = typeof(SchemaStore).Assembly;
        return new(assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(n =>
            {
                using var text = new StreamReader(assembly.GetManifestResourceStream(n)!);
                return KeyValuePair.Create(n[ResourcePrefix.Length..], text.ReadToEnd());
            }));
    }

    /// <summary>Every document, fragments and envelope included.</summary>
    public IReadOnlyCollection<SchemaDocument> Documents => _documents.Values;

    /// <summary>Makes sure that every <c>$ref</c> leads somewhere.</summary>
    /// <exception cref="SchemaException">One does not; the message names the file and the place.</exception>
    public void CheckReferences()
    {
        foreach (var document in _documents.Values) Check(new(document.Name, "", document.Root));

        void Check(SchemaPlace place)
        {
            if (place.Schema.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in place.Schema.EnumerateArray()) Check(place with { Schema = item });
            }
            else if (place.Schema.ValueKind == JsonValueKind.Object)
            {
                foreach (var keyword in place.Schema.EnumerateObject())
                {
                    if (keyword.NameEquals("$ref") && keyword.Value.ValueKind == JsonValueKind.String) Resolve(place, keyword.Value.GetString()!);
                    else if (keyword.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array) Check(place.At(keyword.Name, keyword.Value));
                }
            }
        }
    }

    internal SchemaPlace Open(string document) =>
        _documents.TryGetValue(document, out var found)
            ? new(document, "", found.Root)
            : throw new SchemaException($"{document} is not in the schema store.");

    /// <summary>Follows <c>$ref</c> to the schema meant; null when the references only lead back to where they began.</summary>
    internal SchemaPlace? Follow(SchemaPlace place)
    {
        HashSet<(string, string)>? seen = null;
        while (place.Text("$ref") is { } reference)
        {
            if (!(seen ??= []).Add(place.Address)) return null;
            place = Resolve(place, reference);
        }
        return place;
    }

    private SchemaPlace Resolve(SchemaPlace from, string reference)
    {
        var hash = reference.IndexOf('#', StringComparison.Ordinal);
        var path = hash < 0 ? reference : reference[..hash];
        var pointer = hash < 0 ? "" : Uri.UnescapeDataString(reference[(hash + 1)..]);
        var name = path.Length == 0 ? from.Document : Combine(from.Document, path);
        if (name is null || !_documents.TryGetValue(name, out var target))
            throw new SchemaException($"{from} refers to \"{reference}\", which is not in the schema store; references are never followed out of it.");
        return JsonPointer.Find(target.Root, pointer) is { } schema
            ? new(name, pointer, schema)
            : throw new SchemaException($"{from} refers to \"{reference}\", but {name} has nothing at \"{pointer}\".");
    }

    private static string? Combine(string from, string path)
    {
        if (path.StartsWith('/') || path.Contains(':', StringComparison.Ordinal) || path.Contains('\\', StringComparison.Ordinal)) return null;
        var parts = from.Split('/')[..^1].ToList();
        foreach (var part in path.Split('/'))
        {
            if (part == ".") continue;
            if (part != "..") parts.Add(part);
            else if (parts.Count == 0) return null;
            else parts.RemoveAt(parts.Count - 1);
        }
        return string.Join('/', parts);
    }
}
