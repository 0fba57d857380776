using EnsAdmin.Domain;

namespace EnsAdmin.Data;

/// <summary>What a request of events asks of the directory, gathered before it is asked once.</summary>
public sealed class DirectoryNeeds
{
    /// <summary>Their stores come with them.</summary>
    public HashSet<long> Tills { get; } = [];
    public HashSet<long> Stores { get; } = [];
    public HashSet<long> Customers { get; } = [];
    /// <summary>Customers whose points are asked for.</summary>
    public HashSet<long> PointsOf { get; } = [];
    /// <summary>Customers and the keys of events, as <see cref="AwardedReference.EventKey"/>.</summary>
    public HashSet<(long CustomerId, string EventKey)> Awards { get; } = [];
}

/// <param name="At">UTC ticks: when the event was created that said so.</param>
public readonly record struct KnownPoints(long ProgramId, double Available, long At);

public sealed record KnownAward(string Reference, string? Type);

/// <summary>What the directory knows of what was asked, as of the transaction that asked.</summary>
public sealed class DirectoryFacts(IReadOnlyDictionary<long, DirectoryRecord> tills)
{
    internal static readonly IReadOnlyDictionary<long, DirectoryRecord> NoRecords = new Dictionary<long, DirectoryRecord>();

    /// <summary>By <c>enteredBy.id</c>. What is unknown is not in it.</summary>
    public IReadOnlyDictionary<long, DirectoryRecord> Tills { get; } = tills;
    public IReadOnlyDictionary<long, DirectoryRecord> Stores { get; internal set; } = NoRecords;
    public IReadOnlyDictionary<long, DirectoryRecord> Customers { get; internal set; } = NoRecords;

    /// <summary>By customer, one for each programme.</summary>
    public ILookup<long, KnownPoints> Points { get; internal set; } = Array.Empty<KnownPoints>().ToLookup(_ => 0L);
    public IReadOnlyDictionary<(long CustomerId, string EventKey), KnownAward> Awards { get; internal set; } = new Dictionary<(long, string), KnownAward>();
}
