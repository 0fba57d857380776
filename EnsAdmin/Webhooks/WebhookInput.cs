using EnsAdmin.Domain;

namespace EnsAdmin.Webhooks;

/// <summary>What the form and the API say about a webhook. Both are checked by <see cref="WebhookInputValidator"/>.</summary>
public sealed class WebhookInput
{
    public string Name { get; set; } = "";
    public string Url { get; set; } = "";
    /// <summary>The address as it is stored; null for a new webhook. Whether it may be called is not asked again before the next call.</summary>
    public string? StoredUrl { get; init; }
    public string Method { get; set; } = WebhookMethods.Post;
    public bool Active { get; set; } = true;
    public List<HeaderInput> Headers { get; set; } = [];
    public bool Till { get; set; }
    public bool Store { get; set; }
    public List<string> CustomerIdentifierSources { get; set; } = [];
    public bool CardNumber { get; set; }
    public bool AwardedReference { get; set; }
    public bool AvailablePointsBalance { get; set; }
    /// <summary>At least 1; null where the caller left it out.</summary>
    public int? MaxConnections { get; set; } = 20;
    /// <summary>Seconds; 0 is not tracked.</summary>
    public int? SlaSeconds { get; set; } = 30;
    /// <summary>Replays 429 and 408 like a 5xx.</summary>
    public bool ReplayThrottled { get; set; }
    /// <summary>How long deliveries are replayed; null for the installation's own window.</summary>
    public int? ReplayWindowHours { get; set; }
    public List<string> EventNames { get; set; } = [];

    public PayloadEnrichment ToEnrichment() =>
        new(Till, Store, [.. CustomerIdentifierSources], CardNumber, AwardedReference, AvailablePointsBalance);
}

/// <summary>A header to be set. A null value keeps the one that is stored under this name.</summary>
public sealed class HeaderInput
{
    public string Name { get; set; } = "";
    public string? Value { get; set; }
    /// <summary>True for a header that is already stored; only then may the value be null.</summary>
    public bool Stored { get; set; }
}

/// <summary>A webhook as pages and API show it: header names, never their values.</summary>
public sealed record WebhookDetails(
    string Id, int OrgId, string Name, string Url, string Method, bool Active, int MaxConnections, int SlaSeconds,
    bool ReplayThrottled, int? ReplayWindowHours, PayloadEnrichment Enrichment, IReadOnlyList<string> HeaderNames, IReadOnlyList<string> EventNames, Guid ConsumerGroupId, int Version,
    DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset UpdatedAt, string UpdatedBy, DateTimeOffset? DeletedAt = null)
{
    /// <summary>The values to start editing from; stored header values stay out.</summary>
    public WebhookInput ToInput() => new()
    {
        Name = Name,
        Url = Url,
        StoredUrl = Url,
        Method = Method,
        Active = Active,
        Headers = [.. HeaderNames.Select(name => new HeaderInput { Name = name, Stored = true })],
        Till = Enrichment.Till,
        Store = Enrichment.Store,
        CustomerIdentifierSources = [.. Enrichment.CustomerIdentifierSources],
        CardNumber = Enrichment.CardNumber,
        AwardedReference = Enrichment.AwardedReference,
        AvailablePointsBalance = Enrichment.AvailablePointsBalance,
        MaxConnections = MaxConnections,
        SlaSeconds = SlaSeconds,
        ReplayThrottled = ReplayThrottled,
        ReplayWindowHours = ReplayWindowHours,
        EventNames = [.. EventNames],
    };
}

/// <summary>What is wrong with a field of <see cref="WebhookInput"/>.</summary>
/// <param name="Field">Property path as FluentValidation gives it: <c>Url</c>, <c>Headers[1].Name</c>.</param>
/// <param name="Message">What would be right, in a sentence.</param>
/// <param name="Code">The API's error code.</param>
public sealed record FieldError(string Field, string Message, int Code);

/// <summary>What came of saving a webhook.</summary>
public abstract record SaveResult
{
    private SaveResult() { }

    public sealed record Saved(WebhookDetails Webhook) : SaveResult;
    public sealed record Invalid(IReadOnlyList<FieldError> Errors) : SaveResult;
    /// <summary>Somebody else saved first; <paramref name="Current"/> is theirs.</summary>
    public sealed record Conflict(WebhookDetails Current) : SaveResult;
    public sealed record NotFound : SaveResult;
}

/// <summary>Which webhooks to list.</summary>
/// <param name="Search">Part of a name, URL or event name; case does not matter.</param>
/// <param name="Active">Null for both.</param>
/// <param name="Attention">Only those that fail or refuse everything.</param>
/// <param name="Sort">Column.</param>
/// <param name="Page">From 0.</param>
public sealed record WebhookQuery(string Search = "", bool? Active = null, WebhookSort Sort = WebhookSort.Name, bool Descending = false, int Page = 0, int PageSize = 25, bool Attention = false);

public enum WebhookSort { Name, Url, Status, Events, LastDelivery }

/// <summary>A row of the list.</summary>
/// <param name="Waiting">Deliveries that wait for an attempt.</param>
/// <param name="LastAttemptAt">Null when nothing was sent yet.</param>
/// <param name="FailingSince">Since when nothing but 5xx and no answer came.</param>
public sealed record WebhookRow(string Id, string Name, string Url, bool Active, IReadOnlyList<string> EventNames, int Waiting,
    DateTimeOffset? LastAttemptAt, AttemptOutcome? LastOutcome, string? LastReason, DateTimeOffset? LastSuccessAt, DateTimeOffset? FailingSince);

/// <summary>One page of rows and the counts beside the filters (for the same search).</summary>
public sealed record WebhookRows(IReadOnlyList<WebhookRow> Rows, int Total, int ActiveCount, int InactiveCount, int AttentionCount);
