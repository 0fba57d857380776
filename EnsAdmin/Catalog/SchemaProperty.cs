namespace EnsAdmin.Catalog;

/// <summary>One line of an event's property tree, every reference followed.</summary>
/// <param name="Name">Name of the field.</param>
/// <param name="Type">For people: <c>integer</c>, <c>string or null</c>, <c>array of object</c>, <c>map</c>, <c>any</c>; ends in
/// <see cref="RecursiveMark"/> where the tree would begin again.</param>
/// <param name="Required">Whether the enclosing object must have it.</param>
/// <param name="Description">What it means.</param>
/// <param name="KnownValues">Values seen so far; others are accepted, unless the schema lists them as its enum.</param>
/// <param name="Source">The shared schema that this field and all below it come from, such as <c>internal/customer.json</c>; named on the
/// topmost field only.</param>
/// <param name="Children">Fields of the object, or of the objects in the array.</param>
public sealed record SchemaProperty(
    string Name,
    string Type,
    bool Required,
    string? Description,
    IReadOnlyList<string> KnownValues,
    string? Source,
    IReadOnlyList<SchemaProperty> Children)
{
    /// <summary>Whether it is there only for webhooks that ask for it.</summary>
    public bool OnlyWhenEnriched { get; init; }

    /// <summary>How the type of a field ends whose own fields are not repeated because it contains itself.</summary>
    public const string RecursiveMark = "(recursive)";
}

/// <summary>One thing wrong with a message.</summary>
/// <param name="Pointer">Where: an RFC 6901 JSON pointer, empty for the message as a whole; for a missing field, where it should be.</param>
/// <param name="Message">What: continues a sentence that begins with the name of the field.</param>
#pragma warning disable CA1720 // "Pointer" is the word of RFC 6901
public sealed record SchemaError(string Pointer, string Message);
#pragma warning restore CA1720

/// <summary>A schema that cannot be used; the message names the file and the place.</summary>
public sealed class SchemaException(string message, Exception? inner = null) : Exception(message, inner);
