using NJsonSchema;
using NJsonSchema.Validation;

namespace EnsAdmin.Tests.Catalog;

/// <summary>A second opinion: NJsonSchema on the same files, read by its own reader from a folder of their own.</summary>
public sealed class Judge : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("schemas");

    public Judge()
    {
        var assembly = typeof(EnsAdmin.Catalog.EventCatalog).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith("schemas/", StringComparison.Ordinal)))
        {
            var path = Path.Combine(_folder.FullName, name["schemas/".Length..]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var from = assembly.GetManifestResourceStream(name)!;
            using var to = File.Create(path);
            from.CopyTo(to);
        }
    }

    public Task<JsonSchema> Read(string eventName) => JsonSchema.FromFileAsync(Path.Combine(_folder.FullName, eventName + ".json"));

    /// <summary>The pointers of everything that the judge finds wrong.</summary>
    public static IReadOnlyList<string> Pointers(JsonSchema schema, string message) =>
        [.. schema.Validate(message).SelectMany(Leaves).Select(e => (e.Path ?? "").TrimStart('#').Replace("[", "/", StringComparison.Ordinal)
            .Replace("]", "", StringComparison.Ordinal).Replace('.', '/')).Distinct().Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Delete(true);

    private static IEnumerable<ValidationError> Leaves(ValidationError error) =>
        error is ChildSchemaValidationError parent ? parent.Errors.Values.SelectMany(e => e).SelectMany(Leaves) : [error];
}
