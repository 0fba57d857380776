namespace EnsAdmin.Domain;

/// <summary>A configured receiver: which events go where, and how. The screens call it an "event notification".</summary>
public sealed class Webhook
{
    private readonly List<WebhookHeader> _headers = [];
    private readonly List<Subscription> _subscriptions = [];

    private Webhook() { }

    /// <summary>A new, active webhook of <paramref name="orgId"/>. The name is fixed from here on.</summary>
    public Webhook(int orgId, string name, string createdBy, DateTimeOffset now)
    {
        Id = WebhookId.New(now);
        OrgId = orgId;
        Name = name;
        ConsumerGroupId = Guid.NewGuid();
        Active = true;
        CreatedAt = UpdatedAt = now;
        CreatedBy = UpdatedBy = createdBy;
    }

    /// <summary>24 hexadecimal digits.</summary>
    public string Id { get; private set; } = "";
    public int OrgId { get; private set; }
    public string Name { get; private set; } = "";
    public string Url { get; private set; } = "";
    public string Method { get; private set; } = WebhookMethods.Post;
    public bool Active { get; private set; }
    public int MaxConnections { get; private set; }
    /// <summary>Seconds from accepted to delivered; 0 is not tracked.</summary>
    public int SlaSeconds { get; private set; }
    /// <summary>Whether 429 and 408 are replayed like a 5xx.</summary>
    public bool ReplayThrottled { get; private set; }
    /// <summary>How long its deliveries are replayed; null for the installation's own window.</summary>
    public int? ReplayWindowHours { get; private set; }
    public PayloadEnrichment Enrichment { get; private set; } = PayloadEnrichment.None;
    public Guid ConsumerGroupId { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
    public string CreatedBy { get; private set; } = "";
    public DateTimeOffset UpdatedAt { get; private set; }
    public string UpdatedBy { get; private set; } = "";
    /// <summary>Grows with every change: two people who edit at once are told so.</summary>
    public int Version { get; private set; }
    public DateTimeOffset? DeletedAt { get; private set; }

    public IReadOnlyList<WebhookHeader> Headers => _headers;
    public IReadOnlyList<Subscription> Subscriptions => _subscriptions;

    /// <summary>Sets everything that may change after the name is saved.</summary>
    public void Configure(string url, string method, int maxConnections, int slaSeconds, PayloadEnrichment enrichment)
    {
        Url = url;
        Method = method;
        MaxConnections = maxConnections;
        SlaSeconds = slaSeconds;
        Enrichment = enrichment;
    }

    /// <summary>Sets what is replayed and for how long, from the next event on.</summary>
    public void ReplayBy(bool throttled, int? windowHours)
    {
        ReplayThrottled = throttled;
        ReplayWindowHours = windowHours;
    }

    /// <summary>Replaces the headers; values come encrypted.</summary>
    public void SetHeaders(IEnumerable<(string Name, string ProtectedValue)> headers)
    {
        _headers.Clear();
        _headers.AddRange(headers.Select((h, i) => new WebhookHeader(i, h.Name, h.ProtectedValue)));
    }

    /// <summary>Subscribes to exactly these event types; those left out are removed.</summary>
    public void SubscribeTo(IReadOnlyCollection<string> eventNames)
    {
        _subscriptions.RemoveAll(s => !eventNames.Contains(s.EventName));
        _subscriptions.AddRange(eventNames.Except(_subscriptions.Select(s => s.EventName)).Select(name => new Subscription(OrgId, name)));
    }

    public void SetActive(bool active) => Active = active;

    /// <summary>Takes the webhook out of use for good; its history stays until retention.</summary>
    public void Delete(DateTimeOffset now)
    {
        Active = false;
        DeletedAt = now;
    }

    /// <summary>Marks a change, so that a form opened before it does not overwrite it.</summary>
    public void Touch(string by, DateTimeOffset now)
    {
        UpdatedBy = by;
        UpdatedAt = now;
        Version++;
    }
}

/// <summary>A header of every call to the webhook. The value is a secret: stored encrypted, never shown again.</summary>
public sealed class WebhookHeader
{
    private WebhookHeader() { }

    internal WebhookHeader(int position, string name, string protectedValue)
    {
        Position = position;
        Name = name;
        ProtectedValue = protectedValue;
    }

    public int Position { get; private set; }
    public string Name { get; private set; } = "";
    public string ProtectedValue { get; private set; } = "";
}

/// <summary>One webhook, one event type.</summary>
public sealed class Subscription
{
    private Subscription() { }

    internal Subscription(int orgId, string eventName)
    {
        OrgId = orgId;
        EventName = eventName;
    }

    public int OrgId { get; private set; }
    public string EventName { get; private set; } = "";
}

/// <summary>Which facts are added to the payloads of a webhook.</summary>
/// <param name="Till">Code, name and id of the till.</param>
/// <param name="Store">Name, id, code and external id of the store.</param>
/// <param name="CustomerIdentifierSources">Sources whose identifiers are added; see <see cref="IdentifierSources"/>.</param>
/// <param name="CardNumber">All card numbers; only with at least one source.</param>
/// <param name="AwardedReference">The awarded reference id.</param>
/// <param name="AvailablePointsBalance">The balance, in pointsIssued and pointsRedeemed.</param>
public sealed record PayloadEnrichment(bool Till, bool Store, IReadOnlyList<string> CustomerIdentifierSources, bool CardNumber,
    bool AwardedReference, bool AvailablePointsBalance)
{
    public static PayloadEnrichment None { get; } = new(false, false, [], false, false, false);

    /// <summary>The same as bits. Card numbers count only with a source.</summary>
    public EnrichmentFacts ToFacts()
    {
        var facts = EnrichmentFacts.None;
        foreach (var source in CustomerIdentifierSources ?? []) facts |= IdentifierSources.FactOf(source);
        if (CardNumber && facts != 0) facts |= EnrichmentFacts.CardNumber;
        if (Till) facts |= EnrichmentFacts.Till;
        if (Store) facts |= EnrichmentFacts.Store;
        if (AwardedReference) facts |= EnrichmentFacts.AwardedReference;
        return AvailablePointsBalance ? facts | EnrichmentFacts.AvailablePoints : facts;
    }
}

/// <summary>The HTTP methods a webhook can be called with.</summary>
public static class WebhookMethods
{
    public const string Post = "POST";
    public static IReadOnlyList<string> All { get; } = [Post, "PUT", "GET", "DELETE"];
}
