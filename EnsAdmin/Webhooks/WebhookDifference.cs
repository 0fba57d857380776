using System.Globalization;

namespace EnsAdmin.Webhooks;

/// <summary>What somebody else changed about a webhook, in the words of the form.</summary>
public static class WebhookDifference
{
    private const int MostNames = 5;

    /// <returns>One line a field, with the new value; nothing where only header values may differ, which cannot be seen.</returns>
    public static IReadOnlyList<string> Say(WebhookDetails before, WebhookDetails after)
    {
        string?[] lines =
        [
            Line("Webhook URL", before.Url, after.Url),
            Line("Method", before.Method, after.Method),
            Line("Status", before.Active ? "active" : "inactive", after.Active ? "active" : "inactive"),
            Names("Header keys removed", before.HeaderNames.Except(after.HeaderNames, StringComparer.OrdinalIgnoreCase)),
            Names("Header keys added", after.HeaderNames.Except(before.HeaderNames, StringComparer.OrdinalIgnoreCase)),
            Line("Payload enrichment", EnrichmentWords.Say(before.Enrichment), EnrichmentWords.Say(after.Enrichment)),
            Line("Maximum allowed connections", Number(before.MaxConnections), Number(after.MaxConnections)),
            Line("Delivery SLA in seconds", Number(before.SlaSeconds), Number(after.SlaSeconds)),
            Line("Replay window in hours", Window(before), Window(after)),
            Line("Replay of 429 and 408", before.ReplayThrottled ? "on" : "off", after.ReplayThrottled ? "on" : "off"),
            Names("Events removed", before.EventNames.Except(after.EventNames)),
            Names("Events added", after.EventNames.Except(before.EventNames)),
        ];
        return [.. lines.OfType<string>()];
    }

    private static string? Line(string field, string before, string after) => before == after ? null : $"{field}: {after} (was {before})";

    private static string? Names(string what, IEnumerable<string> names)
    {
        var all = names.ToList();
        if (all.Count == 0) return null;
        return $"{what}: {string.Join(", ", all.Take(MostNames))}{(all.Count > MostNames ? $" and {all.Count - MostNames} more" : "")}";
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Window(WebhookDetails webhook) => webhook.ReplayWindowHours is { } hours ? Number(hours) : "the installation's own";
}
