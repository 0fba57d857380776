namespace EnsAdmin.Domain;

/// <summary>A one-time link by which somebody joins an organization. Only the hash of its token is kept.</summary>
public sealed class Invitation
{
    /// <summary>How long the link is good.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private Invitation() { }

    public Invitation(int orgId, string email, Role role, byte[] tokenHash, string by, DateTimeOffset now)
    {
        Id = Guid.NewGuid();
        OrgId = orgId;
        Email = email;
        Role = role;
        TokenHash = tokenHash;
        CreatedBy = by;
        CreatedAt = now;
        ExpiresAt = now + Lifetime;
    }

    public Guid Id { get; private set; }
    public int OrgId { get; private set; }
    /// <summary>Whom it is for; the account that takes it up has this address.</summary>
    public string Email { get; private set; } = "";
    public Role Role { get; private set; }
    public byte[] TokenHash { get; private set; } = [];
    public DateTimeOffset CreatedAt { get; private set; }
    public string CreatedBy { get; private set; } = "";
    public DateTimeOffset ExpiresAt { get; private set; }
    /// <summary>Taken up, or withdrawn; null while it is open.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    public void End(DateTimeOffset now) => EndedAt ??= now;
}
