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

/// <summary>A customer's identifiers by source: InStore in columns of its own, of each other source the accounts as JSON.</summary>
public sealed class Customer : DirectoryRow
{
    private Customer() { }

    public long CustomerId { get; private set; }
    public long? InstoreId { get; private set; }
    public string? Mobile { get; private set; }
    public string? Email { get; private set; }
    public string? ExternalId { get; private set; }
    public string? Cards { get; private set; }
    public string? Ecommerce { get; private set; }
    public string? Facebook { get; private set; }
    public string? WeChat { get; private set; }
    public string? Tmall { get; private set; }
    public string? Taobao { get; private set; }
    public string? WebEngage { get; private set; }
    public string? Line { get; private set; }
    public string? Martjack { get; private set; }
    public string? JD { get; private set; }
    public string? Website { get; private set; }
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
public sealed class CustomerPoints
{
    private CustomerPoints() { }

    public int OrgId { get; private set; }
    public long CustomerId { get; private set; }
    /// <summary>0 where the event names none.</summary>
    public long ProgramId { get; private set; }
    public double Available { get; private set; }
    public string Origin { get; private set; } = "";
    /// <summary>UTC ticks.</summary>
    public long OriginAt { get; private set; }
}

/// <summary>What a customer was awarded points for, by the event that awarded them; kept as long as events are.</summary>
public sealed class AwardedReference
{
    private AwardedReference() { }

    public int OrgId { get; private set; }
    public long CustomerId { get; private set; }
    /// <summary>What ties the events of one award together: the loyaltyEventId, else the eventLogId, else the apiRequestId.</summary>
    public string EventKey { get; private set; } = "";
    public string Reference { get; private set; } = "";
    /// <summary>The kind of award; null where the event did not say.</summary>
    public string? ReferenceType { get; private set; }
    public string Origin { get; private set; } = "";
    /// <summary>UTC ticks.</summary>
    public long OriginAt { get; private set; }
}
