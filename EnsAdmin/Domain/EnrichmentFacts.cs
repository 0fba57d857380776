namespace EnsAdmin.Domain;

/// <summary>The facts that a webhook asks for. The number is kept as part of <see cref="EnrichedBody.Id"/>: bits never change their meaning.</summary>
[Flags]
public enum EnrichmentFacts
{
    None = 0,
    Till = 1,
    Store = 2,
    CardNumber = 4,
    AwardedReference = 8,
    AvailablePoints = 16,
    /// <summary>The identifiers of the InStore source. A bit for each other source follows, in the order of <see cref="IdentifierSources.All"/>.</summary>
    Instore = 32,
    /// <summary>All sources.</summary>
    Sources = 0xFFE0,
    /// <summary>All that is known of a customer by itself.</summary>
    Customer = Sources | CardNumber,
    All = 0xFFFF,
}

/// <summary>The registration sources whose customer identifiers a webhook can ask for, as the API spells them.</summary>
public static class IdentifierSources
{
    // As payloads and the directory spell them, in the same order; one is misspelt there.
    private static readonly string[] Wire = ["instore", "wechat", "web_engage", "facebook", "line", "martjack", "tmall", "toabao", "jd", "ecommerce", "website"];

    public static IReadOnlyList<string> All { get; } = ["Instore", "WeChat", "WebEngage", "Facebook", "Line", "Martjack", "Tmall", "Taobao", "JD", "Ecommerce", "Website"];

    /// <summary>The sources but InStore: each a field of payloads with a list of accounts.</summary>
    public static IReadOnlyList<AccountSource> WithAccounts { get; } =
        [.. Wire.Index().Skip(1).Select(s => new AccountSource(All[s.Index], s.Item, DirectoryKind.Customers.IndexOf(s.Item), (EnrichmentFacts)((int)EnrichmentFacts.Instore << s.Index)))];

    /// <summary><see cref="EnrichmentFacts.None"/> for a source that there is not.</summary>
    public static EnrichmentFacts FactOf(string source)
    {
        for (var i = 0; i < All.Count; i++)
            if (All[i] == source) return (EnrichmentFacts)((int)EnrichmentFacts.Instore << i);
        return EnrichmentFacts.None;
    }
}

/// <param name="Name">As the API spells it.</param>
/// <param name="Wire">As payloads spell it.</param>
/// <param name="Field">Its place among the fields of a customer.</param>
public sealed record AccountSource(string Name, string Wire, int Field, EnrichmentFacts Fact);
