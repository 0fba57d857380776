using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.People;

/// <summary>An open invitation.</summary>
/// <param name="HasAccount">Whether the person only has to sign in to join.</param>
public sealed record OpenInvitation(Guid Id, int OrgId, string Organization, string Email, Role Role, string CreatedBy, DateTimeOffset ExpiresAt, bool HasAccount);

/// <summary>What came of inviting somebody.</summary>
/// <param name="Token">For the link; it is not told again. Null where something was wrong.</param>
public sealed record InviteResult(string? Token, IReadOnlyList<AccessError> Errors);

/// <summary>Keeps the invitations of organizations. A link is good once and for <see cref="Invitation.Lifetime"/>.</summary>
public sealed class InvitationStore(EnsContexts contexts, Accounts accounts, Sessions sessions, Audit audit, ChangeFeed changes, TimeProvider time)
{
    public async Task<IReadOnlyList<Invitation>> OpenAsync(int orgId, CancellationToken cancel = default)
    {
        var now = time.GetUtcNow();
        await using var db = contexts.Of(orgId);
        return await db.Invitations.AsNoTracking().Where(i => i.EndedAt == null && i.ExpiresAt > now).OrderBy(i => i.Email).ToListAsync(cancel);
    }

    /// <summary>Makes a link for somebody; a former one of the same address is good no more.</summary>
    public async Task<InviteResult> AddAsync(int orgId, string email, Role role, Actor by, CancellationToken cancel = default)
    {
        if (role > Role.Admin) throw new ArgumentOutOfRangeException(nameof(role), "A member is a viewer or an admin.");
        email = email.Trim();
        if (Accounts.EmailMistake(email) is { } mistake) return new(null, [new("Email", mistake)]);
        await using var db = contexts.Of(orgId);
        if (await accounts.FindAsync(email) is { } user && await db.Memberships.AnyAsync(m => m.UserId == user.Id, cancel)) return new(null, [new("Email", $"{email} is a member already.")]);
        var now = time.GetUtcNow();
        foreach (var former in await db.Invitations.Where(i => i.EndedAt == null && i.Email == email).ToListAsync(cancel)) former.End(now);
        var token = OneTimeToken.New();
        db.Invitations.Add(new Invitation(orgId, email, role, OneTimeToken.Hash(token), by.Name, now));
        audit.Add(db, by, orgId, "member.invited", $"user {email}", null, new { role = $"{role}" });
        await db.SaveChangesAsync(cancel);
        changes.Publish(Topics.Members(orgId));
        return new(token, []);
    }

    public async Task WithdrawAsync(int orgId, Guid id, Actor by, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        if (await db.Invitations.SingleOrDefaultAsync(i => i.Id == id && i.EndedAt == null, cancel) is not { } found) return;
        found.End(time.GetUtcNow());
        audit.Add(db, by, orgId, "member.invitationWithdrawn", $"user {found.Email}", new { role = $"{found.Role}" }, null);
        await db.SaveChangesAsync(cancel);
        changes.Publish(Topics.Members(orgId));
    }

    /// <summary>What the link is of; null where it is good no more.</summary>
    public async Task<OpenInvitation?> FindAsync(string? token)
    {
        var (now, hash) = (time.GetUtcNow(), OneTimeToken.Hash(token));
        await using var db = contexts.OfInstallation();
        var found = await (from i in db.Invitations.AsNoTracking()
                           join o in db.Organizations on i.OrgId equals o.OrgId
                           where i.TokenHash == hash && i.EndedAt == null && i.ExpiresAt > now && o.DeletedAt == null
                           select new { i, o.Name }).SingleOrDefaultAsync();
        return found is null ? null : new(found.i.Id, found.i.OrgId, found.Name, found.i.Email, found.i.Role, found.i.CreatedBy, found.i.ExpiresAt, await accounts.FindAsync(found.i.Email) is not null);
    }

    /// <summary>Makes the account that the invitation is for, and joins.</summary>
    public async Task<IReadOnlyList<AccessError>> AcceptAsync(string? token, string name, string password, string? remoteAddress)
    {
        if (await FindAsync(token) is not { HasAccount: false } invitation) return [new("Token", "This link is good no more.")];
        var errors = Accounts.Check(new(invitation.Email, name, password));
        if (errors.Count > 0) return errors;
        // First the link, once and for all: of two who have it, one gets in.
        if (!await UseAsync(invitation)) return [new("Token", "This link is good no more.")];
        var by = new Actor(name.Trim(), RemoteAddress: remoteAddress);
        return await accounts.AddAsync(new(invitation.Email, name, password, false, invitation.OrgId, invitation.Role), by);
    }

    /// <summary>Joins as somebody who has an account of the invited address.</summary>
    public async Task<IReadOnlyList<AccessError>> JoinAsync(string? token, Person person)
    {
        if (await FindAsync(token) is not { } invitation || !invitation.Email.Equals(person.Email, StringComparison.OrdinalIgnoreCase)) return [new("Token", "This link is good no more, or for somebody else.")];
        if (!await UseAsync(invitation)) return [new("Token", "This link is good no more.")];
        await using var db = contexts.Of(invitation.OrgId);
        await using var transaction = await db.Database.BeginTransactionAsync();
        if (!await db.Memberships.AnyAsync(m => m.UserId == person.Id))
        {
            db.Memberships.Add(new Membership(person.Id, invitation.OrgId, invitation.Role, time.GetUtcNow()));
            audit.Add(db, person.Actor, invitation.OrgId, "member.added", $"user {person.Email}", null, new { role = $"{invitation.Role}" });
            await db.SaveChangesAsync();
            await transaction.CommitAsync();
        }
        sessions.Changed(person.Id);
        changes.Publish(Topics.Members(invitation.OrgId));
        return [];
    }

    private async Task<bool> UseAsync(OpenInvitation invitation)
    {
        var now = time.GetUtcNow();
        await using var db = contexts.Of(invitation.OrgId);
        return await db.Invitations.Where(i => i.Id == invitation.Id && i.EndedAt == null).ExecuteUpdateAsync(set => set.SetProperty(i => i.EndedAt, now)) == 1;
    }
}
