namespace EnsAdmin.Domain;

/// <summary>A brand. Everything but people and the settings of the installation belongs to exactly one.</summary>
public sealed class Organization
{
    private Organization() { }

    public Organization(int orgId, string name, string timeZone, DateTimeOffset now)
    {
        OrgId = orgId;
        Name = name;
        TimeZone = timeZone;
        CreatedAt = now;
    }

    /// <summary>The brand's own number, as its events carry it.</summary>
    public int OrgId { get; private set; }
    public string Name { get; private set; } = "";
    /// <summary>IANA id of the zone that its screens show times in.</summary>
    public string TimeZone { get; private set; } = "UTC";
    public DateTimeOffset CreatedAt { get; private set; }
    /// <summary>Whether passing events teach its directory what they carry.</summary>
    public bool LearnsFromEvents { get; private set; } = true;
    /// <summary>Its people and keys are refused from then on; null while it is in use.</summary>
    public DateTimeOffset? DeletedAt { get; private set; }

    public void Change(string name, string timeZone)
    {
        Name = name;
        TimeZone = timeZone;
    }

    public void Learn(bool fromEvents) => LearnsFromEvents = fromEvents;

    public void Delete(DateTimeOffset now) => DeletedAt = now;
}

/// <summary>What somebody may do; each may do what those before it may.</summary>
public enum Role
{
    /// <summary>Sees everything of the organization.</summary>
    Viewer,
    /// <summary>Changes its webhooks, keys and members, and replays.</summary>
    Admin,
    /// <summary>Keeps the installation: every organization and everybody in it.</summary>
    Operator,
}

/// <summary>A person in an organization, as <see cref="Role.Viewer"/> or <see cref="Role.Admin"/>. Operators need none.</summary>
public sealed class Membership
{
    private Membership() { }

    public Membership(string userId, int orgId, Role role, DateTimeOffset now)
    {
        UserId = userId;
        OrgId = orgId;
        Role = role;
        CreatedAt = now;
    }

    public string UserId { get; private set; } = "";
    public int OrgId { get; private set; }
    public Role Role { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }

    public void SetRole(Role role) => Role = role;
}
