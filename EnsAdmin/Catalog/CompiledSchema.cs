using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace EnsAdmin.Catalog;

/// <summary>
/// A schema made ready for many messages: references followed, names looked up without allocating, nothing allocated for a valid message.
/// Written by <see cref="SchemaCompiler"/>, immutable afterwards. Recursion goes as deep as the message, which its parser bounds.
/// </summary>
internal sealed class CompiledSchema
{
    /// <summary>Enough to see what is wrong; a hostile message must not make us write a book.</summary>
    public const int MostErrors = 50;

    private const int LongestNameOnStack = 256;
    private Dictionary<string, Field> _fields = [];
    private Dictionary<string, Field>.AlternateLookup<ReadOnlySpan<char>> _byName;
    private string[] _required = [];

    public CompiledSchema() => _byName = _fields.GetAlternateLookup<ReadOnlySpan<char>>();

    public JsonTypes Types { get; set; } = JsonTypes.Any;
    public bool Never { get; set; }
    public CompiledSchema[] AllOf { get; set; } = [];
    public CompiledSchema? Items { get; set; }
    public CompiledSchema? AdditionalFields { get; set; }
    public ValueRule[] Rules { get; set; } = [];

    public void SetFields(IReadOnlyDictionary<string, CompiledSchema> schemas, IEnumerable<string> required)
    {
        _required = [.. required.Distinct(StringComparer.Ordinal)];
        _fields = new(StringComparer.Ordinal);
        foreach (var (name, schema) in schemas) _fields.Add(name, new(schema, Array.IndexOf(_required, name)));
        for (var i = 0; i < _required.Length; i++) _fields.TryAdd(_required[i], new(null, i));
        _byName = _fields.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Adds what is wrong with <paramref name="value"/>, with pointers relative to it.</summary>
    public void Check(JsonElement value, ref List<SchemaError>? errors)
    {
        if (Never)
        {
            Add(ref errors, "", "is not allowed here");
            return;
        }
        if (Types != JsonTypes.Any && !Types.Accepts(value))
        {
            Add(ref errors, "", $"must be {Types.InWords()}, is {JsonTypeNames.Of(value)}");
            return;
        }
        foreach (var rule in Rules)
            if (rule(value) is { } complaint) Add(ref errors, "", complaint);
        if (value.ValueKind == JsonValueKind.Object) CheckFields(value, ref errors);
        else if (value.ValueKind == JsonValueKind.Array && Items is not null) CheckItems(value, Items, ref errors);
        foreach (var part in AllOf) part.Check(value, ref errors);
    }

    private void CheckFields(JsonElement value, ref List<SchemaError>? errors)
    {
        if (_fields.Count == 0 && AdditionalFields is null) return;
        Span<bool> seen = _required.Length <= 64 ? stackalloc bool[_required.Length] : new bool[_required.Length];
        foreach (var property in value.EnumerateObject())
        {
            var field = Find(property);
            if (field is { RequiredIndex: >= 0 } wanted) seen[wanted.RequiredIndex] = true;
            var schema = field is null ? AdditionalFields : field.Value.Schema;
            if (schema is null) continue;
            var before = errors?.Count ?? 0;
            schema.Check(property.Value, ref errors);
            if (errors is not null && errors.Count > before) Prefix(errors, before, JsonPointer.Escape(property.Name));
            if (errors?.Count >= MostErrors) return;
        }
        for (var i = 0; i < _required.Length; i++)
            if (!seen[i]) Add(ref errors, "/" + JsonPointer.Escape(_required[i]), "is required, but missing");
    }

    private Field? Find(JsonProperty property)
    {
        var raw = JsonMarshal.GetRawUtf8PropertyName(property);
        if (raw.Length > LongestNameOnStack || raw.Contains((byte)'\\'))
            return _fields.TryGetValue(property.Name, out var escaped) ? escaped : null;
        Span<char> name = stackalloc char[LongestNameOnStack];
        var length = Encoding.UTF8.GetChars(raw, name);
        return _byName.TryGetValue(name[..length], out var field) ? field : null;
    }

    private static void CheckItems(JsonElement value, CompiledSchema items, ref List<SchemaError>? errors)
    {
        var i = 0;
        foreach (var item in value.EnumerateArray())
        {
            var before = errors?.Count ?? 0;
            items.Check(item, ref errors);
            if (errors is not null && errors.Count > before)
                Prefix(errors, before, i.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (errors?.Count >= MostErrors) return;
            i++;
        }
    }

    // Pointers grow from the inside out, so that a valid message never pays for them.
    private static void Prefix(List<SchemaError> errors, int from, string token)
    {
        for (var i = from; i < errors.Count; i++) errors[i] = errors[i] with { Pointer = $"/{token}{errors[i].Pointer}" };
    }

    private static void Add(ref List<SchemaError>? errors, string pointer, string message) => (errors ??= []).Add(new(pointer, message));

    private readonly record struct Field(CompiledSchema? Schema, int RequiredIndex);
}

/// <summary>Looks at one value; null when it is in order, else what is wrong with it.</summary>
internal delegate string? ValueRule(JsonElement value);
