namespace EnsAdmin.Webhooks;

/// <summary>What the audit is told of a webhook: everything but the values of its headers.</summary>
internal static class WebhookTold
{
    private const string Secret = "secret", Changed = "secret, changed";

    /// <param name="renewed">Headers that got another value.</param>
    public static object Of(WebhookDetails w, IReadOnlyCollection<string>? renewed = null) => new
    {
        w.Url, w.Method, w.Active, w.MaxConnections, w.SlaSeconds, w.ReplayThrottled, w.ReplayWindowHours,
        headers = w.HeaderNames.ToDictionary(name => name, name => renewed?.Contains(name, StringComparer.OrdinalIgnoreCase) == true ? Changed : Secret),
        enrichment = EnrichmentWords.Say(w.Enrichment), events = w.EventNames,
    };
}
