using System.Text.Json;

namespace EnsAdmin.Catalog;

/// <summary>A subschema and where it stands: file and JSON pointer within it.</summary>
internal readonly record struct SchemaPlace(string Document, string Pointer, JsonElement Schema)
{
    public (string Document, string Pointer) Address => (Document, Pointer);

    public SchemaPlace At(string keyword, JsonElement schema) => new(Document, $"{Pointer}/{JsonPointer.Escape(keyword)}", schema);

    public SchemaPlace At(string keyword, string name, JsonElement schema) =>
        new(Document, $"{Pointer}/{keyword}/{JsonPointer.Escape(name)}", schema);

    public JsonElement? Keyword(string name, JsonValueKind kind) =>
        Schema.ValueKind == JsonValueKind.Object && Schema.TryGetProperty(name, out var value) && value.ValueKind == kind ? value : null;

    public string? Text(string keyword) => Keyword(keyword, JsonValueKind.String)?.GetString();

    public bool Flag(string keyword) => Keyword(keyword, JsonValueKind.True) is not null;

    public IEnumerable<string> Texts(string keyword) =>
        Keyword(keyword, JsonValueKind.Array) is { } list
            ? list.EnumerateArray().Where(t => t.ValueKind == JsonValueKind.String).Select(t => t.GetString()!)
            : [];

    /// <summary>The types named by <c>type</c>, which may be one name or a list.</summary>
    public IReadOnlyList<string> Types => Text("type") is { } one ? [one] : [.. Texts("type")];

    public IEnumerable<(string Name, SchemaPlace Place)> Properties()
    {
        if (Keyword("properties", JsonValueKind.Object) is not { } properties) yield break;
        foreach (var p in properties.EnumerateObject()) yield return (p.Name, At("properties", p.Name, p.Value));
    }

    /// <summary>The members of a keyword that holds a list of schemas, such as <c>allOf</c>.</summary>
    public IEnumerable<SchemaPlace> Members(string keyword)
    {
        if (Keyword(keyword, JsonValueKind.Array) is not { } list) yield break;
        var i = 0;
        foreach (var member in list.EnumerateArray()) yield return At(keyword, (i++).ToString(System.Globalization.CultureInfo.InvariantCulture), member);
    }

    public override string ToString() => Pointer.Length == 0 ? Document : $"{Document} at {Pointer}";
}
