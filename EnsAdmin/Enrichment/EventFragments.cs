using EnsAdmin.Domain;

namespace EnsAdmin.Enrichment;

/// <summary>What one payload says of tills, stores and customers, and where there is room for more.</summary>
public sealed class EventFragments
{
    internal EventFragments(JsonPlace data, string eventKey) => (Data, EventKey) = (data, eventKey);

    /// <summary>Those without an id name a till or a store by something else.</summary>
    internal List<(long? Id, JsonPlace At)> Tills { get; } = [];

    /// <summary>Those without an id name a customer by other identifiers.</summary>
    internal List<(long? Id, JsonPlace At)> Customers { get; } = [];

    /// <summary>Whom the event is about, where it names one by id.</summary>
    internal long? Customer { get; set; }

    /// <summary>Whether it names whom it is about, by whatever.</summary>
    internal bool NamesCustomer { get; set; }

    /// <summary>The <c>data</c> object.</summary>
    internal JsonPlace Data { get; }

    /// <summary>What the event itself says of balances, by programme; 0 where it names none. In UTC ticks as of when, where it says that.</summary>
    internal List<(long ProgramId, double Available, long? At)> Balances { get; } = [];

    /// <summary>The programme of the event; null where it names none.</summary>
    internal long? ProgramId { get; set; }

    /// <summary>What the event itself says that points were awarded for.</summary>
    internal HashSet<(string Reference, string? Type)> Awards { get; } = [];

    /// <summary>As <see cref="AwardedReference.EventKey"/>.</summary>
    internal string EventKey { get; }

    /// <summary>Whether the event says that its customer is deleted, or that their personal data is.</summary>
    internal bool IsDeletion { get; set; }

    /// <summary>What the event says that has changed of its customer.</summary>
    internal InstoreUpdates Updates { get; set; } = InstoreUpdates.None;

    /// <summary>Those of this customer.</summary>
    internal InstoreUpdates UpdatesOf(long? customer) => customer is not null && customer == Customer ? Updates : InstoreUpdates.None;

    /// <summary>The facts that have a place in it; others make no difference to it.</summary>
    public EnrichmentFacts Takes { get; internal set; }

    internal bool IsEmpty => Takes == 0 && Balances.Count == 0 && Awards.Count == 0;
}
