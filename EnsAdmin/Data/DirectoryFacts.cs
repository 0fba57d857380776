using EnsAdmin.Domain;

namespace EnsAdmin.Data;

/// <summary>What is asked of the directory, gathered before it is asked once.</summary>
public sealed class DirectoryNeeds
{
    /// <summary>Their stores come with them.</summary>
    public HashSet<long> Tills { get; } = [];
    public HashSet<long> Stores { get; } = [];
    public HashSet<long> Customers { get; } = [];

    internal void Add(DirectoryNeeds others)
    {
        Tills.UnionWith(others.Tills);
        Stores.UnionWith(others.Stores);
        Customers.UnionWith(others.Customers);
    }
}

/// <summary>What the payload of an event needs of what was known when it came in.</summary>
/// <param name="EnrichedId">As <see cref="EnrichedBody.Id"/>.</param>
/// <param name="Needs">Gets the stores of its tills.</param>
public sealed record DirectoryQuestion(int OrgId, long EnrichedId, DirectoryNeeds Needs)
{
    internal long EventId => EnrichedBody.EventOf(EnrichedId);
}

/// <summary>What the directory knows of what was asked, as of the transaction that asked.</summary>
public sealed class DirectoryFacts(IReadOnlyDictionary<long, DirectoryRecord> tills)
{
    internal static readonly IReadOnlyDictionary<long, DirectoryRecord> NoRecords = new Dictionary<long, DirectoryRecord>();

    /// <summary>By <c>enteredBy.id</c>. What is unknown is not in it.</summary>
    public IReadOnlyDictionary<long, DirectoryRecord> Tills { get; } = tills;
    public IReadOnlyDictionary<long, DirectoryRecord> Stores { get; internal set; } = NoRecords;

    /// <summary>Also those of whom nothing but balances and awards is known: they count as forgotten.</summary>
    public IReadOnlyDictionary<long, DirectoryRecord> Customers { get; internal set; } = NoRecords;
}
