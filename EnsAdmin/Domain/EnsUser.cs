using Microsoft.AspNetCore.Identity;

namespace EnsAdmin.Domain;

/// <summary>A person who signs in. The e-mail address is the user name.</summary>
public sealed class EnsUser : IdentityUser
{
    public string DisplayName { get; set; } = "";
    /// <summary>Whether this person keeps the installation: all of every organization.</summary>
    public bool IsOperator { get; set; }
    /// <summary>No way in from then on, and open pages end; null while in use.</summary>
    public DateTimeOffset? DisabledAt { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
}

/// <summary>One sign-in of a person on one browser; its cookie carries the id.</summary>
public sealed class UserSession
{
    private UserSession() { }

    public UserSession(string userId, string? remoteAddress, string? userAgent, DateTimeOffset now)
    {
        Id = Guid.NewGuid();
        UserId = userId;
        RemoteAddress = remoteAddress;
        UserAgent = userAgent;
        CreatedAt = LastSeenAt = now;
    }

    public Guid Id { get; private set; }
    public string UserId { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }
    /// <summary>To the minute.</summary>
    public DateTimeOffset LastSeenAt { get; private set; }
    public string? RemoteAddress { get; private set; }
    public string? UserAgent { get; private set; }
    /// <summary>Signed out, or ended by somebody else; null while it is good.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    public void Seen(DateTimeOffset now) => LastSeenAt = now;

    public void End(DateTimeOffset now) => EndedAt ??= now;
}
