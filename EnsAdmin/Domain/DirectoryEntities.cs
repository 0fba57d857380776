namespace EnsAdmin.Domain;

/// <summary>What the three tables of the directory have in common. <c>SqliteDirectory</c> writes them; EF maps them and reads them for the screens.</summary>
public abstract class DirectoryRow
{
    public int OrgId { get; private set; }
    /// <summary>As <see cref="FactOrigin.Text"/>; empty where the record is forgotten.</summary>
    public string Origin { get; private set; } = "";
    /// <summary>UTC ticks of <see cref="Origin"/>.</summary>
    public long OriginAt { get; private set; }
    /// <summary>As <see cref="DirectoryRecord.Exceptions"/>.</summary>
    public string? Exceptions { get; private set; }
    /// <summary>As <see cref="DirectoryRecord.LearnsAfter"/>.</summary>
    public long LearnsAfter { get; private set; }
}

public sealed class Store : DirectoryRow
{
    private Store() { }

    public long StoreId { get; private set; }
    public string? Code { get; private set; }
    public string? Name { get; private set; }
    public string? ExternalId { get; private set; }
    public string? ExternalId1 { get; private set; }
    public string? ExternalId2 { get; private set; }
    public string? TimeZone { get; private set; }
}

public sealed class Till : DirectoryRow
{
    private Till() { }

    /// <summary>What an event's <c>enteredBy.id</c> names.</summary>
    public long TillId { get; private set; }
    public string? Code { get; private set; }
    public string? Name { get; private set; }
    public long? StoreId { get; private set; }
}

/// <summary>
/// A customer as one JSON object, found by one number: a million of them lie so flat that a look-up reads a single page. Where the number has room for both it is the
/// organization's id, shifted by 32 bits, and the customer's; customers with longer ids are numbered from -1 down and have an index.
/// </summary>
public sealed class Customer : DirectoryRow
{
    private Customer() { }

    public long Id { get; private set; }
    public long CustomerId { get; private set; }
    /// <summary>As <see cref="RecordJson"/>.</summary>
    public string Facts { get; private set; } = "";
}

/// <summary>
/// A record as it was before a change, for the events that were accepted by then and whose payloads have yet to be made: they get what was known when they came in. Dropped
/// as soon as no such event is left.
/// </summary>
public sealed class EarlierRecord
{
    private EarlierRecord() { }

    public int OrgId { get; private set; }
    /// <summary><see cref="DirectoryKind.Number"/>.</summary>
    public int Kind { get; private set; }
    public long RecordId { get; private set; }
    /// <summary>The newest <see cref="EventMessage.Id"/> that it holds for; it holds for all before, back to the record's next older one.</summary>
    public long UpTo { get; private set; }
    /// <summary>As <see cref="RecordJson"/>; null where nothing was known.</summary>
    public string? Facts { get; private set; }
    /// <summary>As <see cref="DirectoryRow.Origin"/>.</summary>
    public string Origin { get; private set; } = "";
    public long OriginAt { get; private set; }
}

/// <summary>Leads from whatever a record can be searched by to the record.</summary>
public sealed class DirectoryIdentifier
{
    private DirectoryIdentifier() { }

    public int OrgId { get; private set; }
    /// <summary><see cref="DirectoryKind.Number"/>.</summary>
    public int Kind { get; private set; }
    /// <summary>In small letters, as <see cref="SearchWords"/> makes it.</summary>
    public string Value { get; private set; } = "";
    public long RecordId { get; private set; }
}

/// <summary>The points that a customer can spend in a programme, as the newest event said.</summary>
/// <param name="ProgramId">0 where the event names none.</param>
/// <param name="Origin">As <see cref="FactOrigin.Text"/>.</param>
/// <param name="OriginAt">UTC ticks.</param>
public sealed record CustomerPoints(long ProgramId, double Available, string Origin, long OriginAt);

/// <summary>What a customer was awarded points for, by the event that awarded them.</summary>
/// <param name="EventKey">What ties the events of one award together: the loyaltyEventId, else the eventLogId, else the apiRequestId.</param>
/// <param name="ReferenceType">The kind of award; null where the event did not say.</param>
/// <param name="Origin">As <see cref="FactOrigin.Text"/>.</param>
/// <param name="OriginAt">UTC ticks.</param>
public sealed record AwardedReference(string EventKey, string Reference, string? ReferenceType, string Origin, long OriginAt);
