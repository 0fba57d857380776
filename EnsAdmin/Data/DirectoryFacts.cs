using EnsAdmin.Domain;

namespace EnsAdmin.Data;

/// <summary>What a request of events asks of the directory, gathered before it is asked once.</summary>
public sealed class DirectoryNeeds
{
    /// <summary>Their stores come with them.</summary>
    public HashSet<long> Tills { get; } = [];
    public HashSet<long> Stores { get; } = [];
    public HashSet<long> Customers { get; } = [];
    /// <summary>Those of the customers whose balances or awards are asked for.</summary>
    public HashSet<long> Told { get; } = [];
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
