using System.Text.Json;

namespace EnsAdmin.Domain;

/// <summary>What a record of the directory is found by.</summary>
public static class SearchWords
{
    private static readonly char[] Between = [' ', '\t'];

    /// <summary>How identifiers are compared: without white space around them, in small letters.</summary>
    public static string Of(string text)
    {
        var trimmed = text.Trim();
        return (trimmed.Length > DirectoryRecord.MaxText ? trimmed[..DirectoryRecord.MaxText] : trimmed).ToLowerInvariant();
    }

    /// <summary>Adds each identifier of a record; of a name also its later words, so that it is found by any of them.</summary>
    public static void Collect(DirectoryKind kind, string?[] values, ISet<string> into)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is not { } value) continue;
            switch (kind.Fields[i].Form)
            {
                case FieldForm.Text:
                    var text = Of(value);
                    if (text.Length > 0) into.Add(text);
                    if (kind.Fields[i].Column != "Name") break;
                    foreach (var at in text.Index().Where(c => Between.Contains(c.Item)).Select(c => c.Index + 1))
                        if (text[at..].TrimStart() is { Length: > 0 } rest) into.Add(rest);
                    break;
                case FieldForm.Cards or FieldForm.Accounts:
                    using (var read = JsonDocument.Parse(value)) CollectTexts(read.RootElement, into);
                    break;
            }
        }
    }

    private static void CollectTexts(JsonElement list, ISet<string> into)
    {
        foreach (var item in list.EnumerateArray())
        {
            foreach (var name in (ReadOnlySpan<string>)["number", "externalId", "identifierValue"])
                if (item.TryGetProperty(name, out var text) && text.GetString() is { } found && Of(found) is { Length: > 0 } word) into.Add(word);
            if (item.TryGetProperty("identifiers", out var inside)) CollectTexts(inside, into);
        }
    }
}
