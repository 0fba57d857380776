namespace EnsAdmin.People;

/// <summary>A secret that a setting names the file of.</summary>
internal static class SecretFile
{
    /// <returns>The first line; null where there is none, or the file cannot be read.</returns>
    public static string? Read(string? file)
    {
        try
        {
            return string.IsNullOrEmpty(file) ? null : File.ReadLines(file).FirstOrDefault() is { Length: > 0 } line ? line : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
