using System.Security.Claims;
using EnsAdmin.Access;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EnsAdmin.People;

/// <summary>Why somebody whom the provider vouches for is not let in.</summary>
public enum ProviderRefusal { None, NotSetUp, NoRole, MailNotVerified, LocalAccount, Disabled }

/// <summary>
/// Lets people in whom the provider vouches for. They are known by issuer and subject, never by their e-mail address. The first time, an account is made, or one of the
/// same address taken over: only where the provider says that the address is verified, and never an operator's, nor one with a second factor, which the provider could
/// otherwise get around. What it takes over loses its password: from then on the provider alone decides. Memberships become what the claims say, at each sign-in.
/// </summary>
public sealed class ProviderSignIn(EnsUserManager users, AccessTable table, Sessions sessions, Audit audit, ChangeFeed changes, IOptions<ProviderOptions> options, TimeProvider time)
{
    /// <returns>Whom to sign in, or why nobody.</returns>
    public async Task<(EnsUser? User, ProviderRefusal Refusal)> AdmitAsync(ClaimsPrincipal principal, string? remoteAddress)
    {
        var claims = principal.Claims.ToList();
        string? Value(string type) => claims.Find(c => c.Type == type)?.Value;
        var login = new UserLoginInfo(Value("iss")!, Value("sub")!, options.Value.DisplayName);
        var given = RoleMapping.Of(claims, options.Value);
        var claimed = given with { Roles = given.Roles.Where(r => table.FindOrganization(r.Key) is not null).ToDictionary() };
        var email = string.Equals(Value("email_verified"), "true", StringComparison.OrdinalIgnoreCase) && Accounts.EmailMistake(Value("email")) is null ? Value("email")!.Trim() : null;
        var by = new Actor(options.Value.DisplayName, RemoteAddress: remoteAddress);

        await using var transaction = await users.Db.Database.BeginTransactionAsync();
        var user = await users.FindByLoginAsync(login.LoginProvider, login.ProviderKey);
        if (user is null && claimed.IsNothing) return await RefuseAsync(ProviderRefusal.NoRole);
        // Whoever came first would close the setup page to the operator.
        if (user is null && !claimed.IsOperator && !await users.Db.Users.AnyAsync()) return await RefuseAsync(ProviderRefusal.NotSetUp);
        if (user is null && email is null) return await RefuseAsync(ProviderRefusal.MailNotVerified);
        if (user is null)
        {
            user = await users.FindByEmailAsync(email!);
            if (user is not null && await IsItsOwnersAsync(user)) return await RefuseAsync(ProviderRefusal.LocalAccount);
            user = user is null ? await AddAsync(email!, Value("name"), by) : await TakeOverAsync(user, by);
            Check(await users.AddLoginAsync(user, login));
        }

        if (user.DisabledAt is not null) return await RefuseAsync(ProviderRefusal.Disabled);
        by = by with { UserId = user.Id };
        var joined = await FollowAsync(user, claimed, by);
        if (claimed.IsNothing)
        {
            await sessions.EndAllAsync(users.Db, user.Id, null);
            await RefuseAsync(ProviderRefusal.NoRole);
        }
        else
        {
            Check(await users.UpdateAsync(user));
            await transaction.CommitAsync();
        }

        sessions.Changed(user.Id);
        foreach (var orgId in joined) changes.Publish(Topics.Members(orgId));
        return claimed.IsNothing ? (null, ProviderRefusal.NoRole) : (user, ProviderRefusal.None);

        async Task<(EnsUser?, ProviderRefusal)> RefuseAsync(ProviderRefusal why)
        {
            audit.Add(users.Db, by, null, "user.signInRefused", user is null ? "an unknown address" : $"user {user.Email}", null, new { reason = why.ToString() });
            await users.Db.SaveChangesAsync();
            await transaction.CommitAsync();
            return (null, why);
        }
    }

    /// <summary>Whether an account of the same address stays its owner's, whatever the provider says.</summary>
    private async Task<bool> IsItsOwnersAsync(EnsUser user) =>
        user.IsOperator || user.DisabledAt is not null || user.TwoFactorEnabled || (await users.GetPasskeysAsync(user)).Count > 0 || (await users.GetLoginsAsync(user)).Count > 0;

    private async Task<EnsUser> AddAsync(string email, string? name, Actor by)
    {
        var shown = Accounts.NameMistake(name) is null ? name!.Trim() : email.Split('@')[0];
        var user = new EnsUser { UserName = email, Email = email, EmailConfirmed = true, DisplayName = shown, CreatedAt = time.GetUtcNow() };
        audit.Add(users.Db, by, null, "user.added", $"user {email}", null, new { name = shown, user.IsOperator });
        Check(await users.CreateAsync(user));
        return user;
    }

    private async Task<EnsUser> TakeOverAsync(EnsUser user, Actor by)
    {
        await sessions.EndAllAsync(users.Db, user.Id, null);
        audit.Add(users.Db, by, null, "user.providerLinked", $"user {user.Email}", new { password = "secret" }, new { password = "removed" });
        user.PasswordHash = null;
        return user;
    }

    /// <summary>Makes memberships, and the operator's right where a rule speaks of it, what the claims say. The last operator stays one.</summary>
    /// <returns>The organizations whose members are others now.</returns>
    private async Task<IReadOnlyList<int>> FollowAsync(EnsUser user, ClaimedRoles claimed, Actor by)
    {
        var (db, changed) = (users.Db, new List<int>());
        var subject = $"user {user.Email}";
        var now = await db.Memberships.Where(m => m.UserId == user.Id).ToDictionaryAsync(m => m.OrgId);
        foreach (var (orgId, member) in now.Where(m => !claimed.Roles.ContainsKey(m.Key)))
        {
            audit.Add(db, by, orgId, "member.removed", subject, new { role = $"{member.Role}" }, null);
            db.Memberships.Remove(member);
            changed.Add(orgId);
        }

        foreach (var (orgId, role) in claimed.Roles)
        {
            if (!now.TryGetValue(orgId, out var member))
            {
                audit.Add(db, by, orgId, "member.added", subject, null, new { role = $"{role}" });
                db.Memberships.Add(new Membership(user.Id, orgId, role, time.GetUtcNow()));
            }
            else if (member.Role != role)
            {
                audit.Add(db, by, orgId, "member.roleChanged", subject, new { role = $"{member.Role}" }, new { role = $"{role}" });
                member.SetRole(role);
            }
            else
            {
                continue;
            }

            changed.Add(orgId);
        }

        var isRuled = RoleMapping.Read(options.Value.Mapping)?.Any(r => r.Role == Role.Operator) == true;
        if (isRuled && user.IsOperator != claimed.IsOperator && (claimed.IsOperator || await db.Users.AnyAsync(u => u.IsOperator && u.DisabledAt == null && u.Id != user.Id)))
        {
            audit.Add(db, by, null, "user.operatorChanged", subject, new { user.IsOperator }, new { claimed.IsOperator });
            user.IsOperator = claimed.IsOperator;
        }

        return changed;
    }

    private static void Check(IdentityResult result)
    {
        if (!result.Succeeded) throw new InvalidOperationException($"The account of a person of the provider could not be saved: {string.Join(", ", result.Errors.Select(e => e.Code))}");
    }
}
