using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.People;

/// <summary>A person in an organization.</summary>
public sealed record MemberRow(string UserId, string Name, string Email, Role Role, bool HasSecondFactor, bool IsDisabled, DateTimeOffset JoinedAt);

/// <summary>Keeps the members of an organization.</summary>
public sealed class MemberStore(EnsContexts contexts, Sessions sessions, Audit audit, ChangeFeed changes)
{
    /// <summary>By name.</summary>
    public async Task<IReadOnlyList<MemberRow>> AllAsync(int orgId, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        return await (from m in db.Memberships.AsNoTracking()
                      join u in db.Users on m.UserId equals u.Id
                      orderby u.DisplayName, u.Email
                      select new MemberRow(u.Id, u.DisplayName, u.Email!, m.Role, u.TwoFactorEnabled, u.DisabledAt != null, m.CreatedAt)).ToListAsync(cancel);
    }

    /// <returns>False where this is no member any more.</returns>
    public async Task<bool> SetRoleAsync(int orgId, string userId, Role role, Actor by, CancellationToken cancel = default)
    {
        if (role > Role.Admin) throw new ArgumentOutOfRangeException(nameof(role), "A member is a viewer or an admin.");
        await using var db = contexts.Of(orgId);
        if (await FindAsync(db, userId, cancel) is not { } found) return false;
        if (found.Member.Role == role) return true;
        audit.Add(db, by, orgId, "member.roleChanged", $"user {found.Email}", new { role = $"{found.Member.Role}" }, new { role = $"{role}" });
        found.Member.SetRole(role);
        await db.SaveChangesAsync(cancel);
        Changed(orgId, userId);
        return true;
    }

    /// <summary>Takes a person out of the organization; the account stays.</summary>
    public async Task RemoveAsync(int orgId, string userId, Actor by, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        if (await FindAsync(db, userId, cancel) is not { } found) return;
        audit.Add(db, by, orgId, "member.removed", $"user {found.Email}", new { role = $"{found.Member.Role}" }, null);
        db.Memberships.Remove(found.Member);
        await db.SaveChangesAsync(cancel);
        Changed(orgId, userId);
    }

    private static async Task<(Membership Member, string Email)?> FindAsync(EnsDbContext db, string userId, CancellationToken cancel)
    {
        var found = await (from m in db.Memberships join u in db.Users on m.UserId equals u.Id where m.UserId == userId select new { m, u.Email }).SingleOrDefaultAsync(cancel);
        return found is null ? null : (found.m, found.Email!);
    }

    private void Changed(int orgId, string userId)
    {
        sessions.Changed(userId);
        changes.Publish(Topics.Members(orgId));
    }
}
