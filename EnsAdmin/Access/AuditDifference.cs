using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EnsAdmin.Access;

/// <summary>A field that an entry tells of. Of a list, what went and what came.</summary>
/// <param name="Before">Null where there was nothing.</param>
/// <param name="After">Null where nothing is left.</param>
public sealed record AuditChange(string Field, string? Before, string? After, IReadOnlyList<string> Removed, IReadOnlyList<string> Added)
{
    public bool IsList => Removed.Count + Added.Count > 0;
}

/// <summary>What an entry changed, field by field.</summary>
public static class AuditDifference
{
    /// <param name="before">JSON object; null where there was nothing.</param>
    /// <param name="after">JSON object; null where nothing is left.</param>
    public static IReadOnlyList<AuditChange> Of(string? before, string? after)
    {
        var changes = new List<AuditChange>();
        Compare("", Parse(before), Parse(after), changes);
        return changes;
    }

    private static void Compare(string group, JsonObject? before, JsonObject? after, List<AuditChange> changes)
    {
        foreach (var name in (before ?? []).Select(p => p.Key).Union((after ?? []).Select(p => p.Key)))
        {
            var (was, now) = (before?[name], after?[name]);
            if (JsonNode.DeepEquals(was, now)) continue;
            var field = group + (group.Length > 0 ? name : Words(name));
            if (was is JsonObject || now is JsonObject) Compare($"{field}: ", was as JsonObject, now as JsonObject, changes);
            else if (was is JsonArray || now is JsonArray) CompareLists(field, Texts(was), Texts(now), changes);
            else changes.Add(new(field, Text(was), Text(now), [], []));
        }
    }

    private static void CompareLists(string field, List<string> before, List<string> after, List<AuditChange> changes)
    {
        var (removed, added) = (before.Except(after).ToList(), after.Except(before).ToList());
        if (removed.Count + added.Count > 0) changes.Add(new(field, null, null, removed, added));
    }

    private static JsonObject? Parse(string? json)
    {
        try
        {
            return json is null ? null : JsonNode.Parse(json) as JsonObject;
        }
        catch (JsonException)
        {
            return new JsonObject { ["entry"] = json };
        }
    }

    private static List<string> Texts(JsonNode? node) => node is JsonArray list ? [.. list.Select(Text).OfType<string>()] : Text(node) is { } one ? [one] : [];

    private static string? Text(JsonNode? node) => node switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.True => "yes",
        JsonValue value when value.GetValueKind() == JsonValueKind.False => "no",
        _ => node.ToString(),
    };

    /// <summary>"maxConnections" is "Max connections"; what is no such name, as a setting's key, stays.</summary>
    private static string Words(string name)
    {
        if (name.Any(c => !char.IsAsciiLetterOrDigit(c))) return name;
        var words = new StringBuilder();
        foreach (var (i, c) in name.Index())
        {
            if (i > 0 && char.IsUpper(c)) words.Append(' ');
            words.Append(i == 0 ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c));
        }

        return words.ToString();
    }
}
