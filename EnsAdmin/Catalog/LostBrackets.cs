namespace EnsAdmin.Catalog;

/// <summary>
/// Puts square brackets back around lists that were printed without them. With one member the text is still JSON and
/// <see cref="SchemaMender"/> deals with it; with several, as in <c>"javaInterfaces": "a.B", "c.D",</c>, nothing can parse it before this.
/// </summary>
internal static class LostBrackets
{
    private static readonly string[] ListKeywords = ["allOf", "anyOf", "oneOf", "required", "javaInterfaces"];

    public static string Restore(string text, List<string> mended)
    {
        foreach (var keyword in ListKeywords)
        {
            var quoted = $"\"{keyword}\"";
            for (var at = text.IndexOf(quoted, StringComparison.Ordinal); at >= 0; at = text.IndexOf(quoted, at + 1, StringComparison.Ordinal))
            {
                var colon = SkipBlanks(text, at + quoted.Length);
                if (colon >= text.Length || text[colon] != ':') continue;
                var start = SkipBlanks(text, colon + 1);
                var (end, members) = Members(text, start);
                if (members < 2) continue;
                text = $"{text[..start]}[{text[start..end]}]{text[end..]}";
                mended.Add($"\"{keyword}\" had {members} values without square brackets; they were put back.");
            }
        }
        return text;
    }

    private static (int End, int Members) Members(string text, int start)
    {
        var end = start;
        var members = 0;
        for (var next = start; next < text.Length; members++)
        {
            var after = SkipValue(text, next);
            if (after < 0) break;
            // A string followed by a colon is the key after the list, not a member of it.
            var follow = SkipBlanks(text, after);
            if (follow < text.Length && text[follow] == ':') break;
            end = after;
            if (follow >= text.Length || text[follow] != ',') return (end, members + 1);
            next = SkipBlanks(text, follow + 1);
        }
        return (end, members);
    }

    /// <summary>The index after the string or object that begins here; -1 when neither does.</summary>
    private static int SkipValue(string text, int at)
    {
        if (at >= text.Length || text[at] is not ('"' or '{')) return -1;
        var depth = 0;
        var inString = false;
        for (var i = at; i < text.Length; i++)
        {
            if (inString && text[i] == '\\') i++;
            else if (text[i] == '"') inString = !inString;
            else if (inString) continue;
            else if (text[i] == '{') depth++;
            else if (text[i] == '}') depth--;
            if (!inString && depth == 0) return i + 1;
        }
        return -1;
    }

    private static int SkipBlanks(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
        return at;
    }
}
