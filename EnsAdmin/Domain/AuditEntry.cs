namespace EnsAdmin.Domain;

/// <summary>Who makes a change: a person, a key, or whoever has the machine's command line.</summary>
/// <param name="Name">As it is shown.</param>
/// <param name="RemoteAddress">Where the request came from; null where there was none.</param>
/// <param name="SessionId">The sign-in of the person.</param>
public sealed record Actor(string Name, string? UserId = null, string? KeyId = null, string? RemoteAddress = null, Guid? SessionId = null);

/// <summary>One change that somebody made. Rows are only ever added; the database itself refuses to change or delete one.</summary>
public sealed class AuditEntry
{
    private AuditEntry() { }

    /// <param name="orgId">Null for what concerns the installation.</param>
    /// <param name="subject">What was changed, such as "key ens_k3…".</param>
    /// <param name="before">JSON; null where there was nothing. Secrets are never in it.</param>
    /// <param name="after">JSON; null where nothing is left.</param>
    public AuditEntry(int? orgId, DateTimeOffset at, Actor actor, string action, string subject, string? before, string? after)
    {
        OrgId = orgId;
        At = at;
        UserId = actor.UserId;
        KeyId = actor.KeyId;
        SessionId = actor.SessionId;
        By = actor.Name;
        RemoteAddress = actor.RemoteAddress;
        Action = action;
        Subject = subject;
        Before = before;
        After = after;
    }

    public long Id { get; private set; }
    public int? OrgId { get; private set; }
    public DateTimeOffset At { get; private set; }
    public string? UserId { get; private set; }
    public string? KeyId { get; private set; }
    public Guid? SessionId { get; private set; }
    /// <summary>The actor's name as it was then.</summary>
    public string By { get; private set; } = "";
    public string? RemoteAddress { get; private set; }
    /// <summary>As <c>key.added</c>.</summary>
    public string Action { get; private set; } = "";
    public string Subject { get; private set; } = "";
    public string? Before { get; private set; }
    public string? After { get; private set; }
}
