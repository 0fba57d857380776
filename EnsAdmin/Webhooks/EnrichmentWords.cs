using EnsAdmin.Domain;

namespace EnsAdmin.Webhooks;

/// <summary>Enrichment settings in the words of the screens.</summary>
public static class EnrichmentWords
{
    /// <summary>"none", "till, store", "InStore, WeChat identifiers, card numbers".</summary>
    public static string Say(PayloadEnrichment e)
    {
        string?[] added =
        [
            e.Till ? "till" : null, e.Store ? "store" : null, e.CustomerIdentifierSources.Count > 0 ? $"{string.Join(", ", e.CustomerIdentifierSources.Select(Source))} identifiers" : null,
            e.CardNumber ? "card numbers" : null, e.AwardedReference ? "awarded reference id" : null, e.AvailablePointsBalance ? "available points balance" : null,
        ];
        return added.All(a => a is null) ? "none" : string.Join(", ", added.Where(a => a is not null));
    }

    /// <summary>A source's name; the API spells one of them differently from the screens.</summary>
    public static string Source(string? source) => source == "Instore" ? "InStore" : source ?? "";
}
