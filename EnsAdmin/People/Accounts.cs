using System.ComponentModel.DataAnnotations;
using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.People;

/// <summary>Somebody who can sign in, as lists show them.</summary>
public sealed record Account(string Id, string Email, string Name, bool IsOperator, bool HasSecondFactor, DateTimeOffset CreatedAt, DateTimeOffset? DisabledAt, DateTimeOffset? LastSeenAt);

/// <summary>A new account.</summary>
/// <param name="OrgId">Where it is a member from the start; null for nowhere.</param>
public sealed record NewAccount(string Email, string Name, string Password, bool IsOperator = false, int? OrgId = null, Role Role = Role.Viewer);

/// <summary>Keeps the accounts of people. Each change is saved together with its audit entry, and ends the sessions that it makes doubtful.</summary>
public sealed class Accounts(IServiceScopeFactory scopes, EnsContexts contexts, Audit audit, Sessions sessions, ChangeFeed changes, TimeProvider time)
{
    public const int MaxNameLength = 100;
    private const int MaxEmailLength = 254;

    public async Task<bool> AnyAsync()
    {
        await using var db = contexts.OfInstallation();
        return await db.Users.AnyAsync();
    }

    /// <summary>Whether somebody can sign in who keeps the installation.</summary>
    public async Task<bool> AnyOperatorAsync()
    {
        await using var db = contexts.OfInstallation();
        return await db.Users.AnyAsync(u => u.IsOperator && u.DisabledAt == null);
    }

    /// <summary>By e-mail address.</summary>
    public async Task<IReadOnlyList<Account>> AllAsync(CancellationToken cancel = default)
    {
        await using var db = contexts.OfInstallation();
        return await db.Users.AsNoTracking().OrderBy(u => u.Email).Select(u => new Account(u.Id, u.Email!, u.DisplayName, u.IsOperator, u.TwoFactorEnabled, u.CreatedAt, u.DisabledAt,
            db.UserSessions.Where(s => s.UserId == u.Id).Max(s => (DateTimeOffset?)s.LastSeenAt))).ToListAsync(cancel);
    }

    public async Task<EnsUser?> FindAsync(string email)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<EnsUserManager>().FindByEmailAsync(email.Trim());
    }

    /// <returns>What is wrong; empty when it was added.</returns>
    public async Task<IReadOnlyList<AccessError>> AddAsync(NewAccount input, Actor by)
    {
        var errors = Check(input);
        if (errors.Count > 0) return errors;
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<EnsUserManager>();
        var email = input.Email.Trim();
        await using var transaction = await users.Db.Database.BeginTransactionAsync();
        if (await users.FindByEmailAsync(email) is not null) return [new(nameof(input.Email), $"There is an account of {email} already.")];
        var now = time.GetUtcNow();
        var user = new EnsUser { UserName = email, Email = email, EmailConfirmed = true, DisplayName = input.Name.Trim(), IsOperator = input.IsOperator, CreatedAt = now };
        if (input.OrgId is { } orgId) users.Db.Memberships.Add(new Membership(user.Id, orgId, input.Role, now));
        audit.Add(users.Db, by, null, "user.added", $"user {email}", null, new { name = user.DisplayName, user.IsOperator });
        if (input.OrgId is not null) audit.Add(users.Db, by, input.OrgId, "member.added", $"user {email}", null, new { role = $"{input.Role}" });
        var errorsOfIdentity = Errors(await users.CreateAsync(user, input.Password), nameof(input.Password));
        if (errorsOfIdentity.Count == 0) await transaction.CommitAsync();
        if (errorsOfIdentity.Count == 0 && input.OrgId is { } joined) changes.Publish(Topics.Members(joined));
        return errorsOfIdentity;
    }

    /// <summary>Changes what others see of a person.</summary>
    public Task<IReadOnlyList<AccessError>> RenameAsync(string userId, string name, Actor by) => ChangeAsync(userId, async (users, user) =>
    {
        if (NameMistake(name) is { } mistake) return [new("Name", mistake)];
        audit.Add(users.Db, by, null, "user.renamed", $"user {user.Email}", new { name = user.DisplayName }, new { name = name.Trim() });
        user.DisplayName = name.Trim();
        return Errors(await users.UpdateAsync(user), "Name");
    });

    /// <summary>By the person, who knows the old one. Other sessions than <paramref name="keep"/> end.</summary>
    public Task<IReadOnlyList<AccessError>> ChangePasswordAsync(string userId, string current, string password, Guid keep, Actor by) => ChangeAsync(userId, async (users, user) =>
    {
        if (await IsWrongAsync(users, user, current)) return [new("Current", "This is not your password, or there were too many tries; then wait five minutes.")];
        if (PasswordRules.Mistake(password, user.Email) is { } mistake) return [new("Password", mistake)];
        await sessions.EndAllAsync(users.Db, userId, keep);
        audit.Add(users.Db, by, null, "user.passwordChanged", $"user {user.Email}", new { password = "secret" }, new { password = "secret, changed" });
        return Errors(await users.ChangePasswordAsync(user, current, password), "Password");
    });

    /// <summary>By an operator: the old password is not asked for, and every session ends.</summary>
    /// <param name="withoutSecondFactor">Takes the authenticator app and the passkeys away as well, for who has lost them, or does not know whose they are.</param>
    public Task<IReadOnlyList<AccessError>> ResetAsync(string userId, string password, bool withoutSecondFactor, Actor by) => ChangeAsync(userId, async (users, user) =>
    {
        if (PasswordRules.Mistake(password, user.Email) is { } mistake) return [new("Password", mistake)];
        await sessions.EndAllAsync(users.Db, userId, null);
        (user.LockoutEnd, user.AccessFailedCount) = (null, 0);
        var (hadApp, passkeys) = (user.TwoFactorEnabled, await users.GetPasskeysAsync(user));
        if (withoutSecondFactor)
        {
            user.TwoFactorEnabled = false;
            foreach (var passkey in passkeys) await users.RemovePasskeyAsync(user, passkey.CredentialId);
        }

        audit.Add(users.Db, by, null, "user.passwordReset", $"user {user.Email}", new { password = "secret", authenticatorApp = hadApp, passkeys = passkeys.Count }, new { password = "secret, changed", authenticatorApp = user.TwoFactorEnabled, passkeys = withoutSecondFactor ? 0 : passkeys.Count });
        return Errors(await users.ResetPasswordAsync(user, password), "Password");
    });

    /// <summary>Shuts a person out, at once, or lets them in again.</summary>
    public Task<IReadOnlyList<AccessError>> DisableAsync(string userId, bool disabled, Actor by) => ChangeAsync(userId, async (users, user) =>
    {
        if (disabled && userId == by.UserId) return [new("User", "You can't disable yourself.")];
        user.DisabledAt = disabled ? time.GetUtcNow() : null;
        if (disabled) await sessions.EndAllAsync(users.Db, userId, null);
        audit.Add(users.Db, by, null, disabled ? "user.disabled" : "user.enabled", $"user {user.Email}", new { disabled = !disabled }, new { disabled });
        return Errors(await users.UpdateAsync(user), "User");
    });

    /// <summary>Ends sessions of a person.</summary>
    /// <param name="keep">One that stays; null for none.</param>
    public Task EndSessionsAsync(string userId, Guid? keep, Actor by) => ChangeAsync(userId, async (users, user) =>
    {
        await sessions.EndAllAsync(users.Db, userId, keep);
        audit.Add(users.Db, by, null, "user.signedOutEverywhere", $"user {user.Email}", null, null);
        return Errors(await users.UpdateSecurityStampAsync(user), "User");
    });

    /// <summary>Changes one person in a transaction of its own; what is wrong undoes it.</summary>
    internal async Task<IReadOnlyList<AccessError>> ChangeAsync(string userId, Func<EnsUserManager, EnsUser, Task<IReadOnlyList<AccessError>>> change)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<EnsUserManager>();
        await using var transaction = await users.Db.Database.BeginTransactionAsync();
        if (await users.FindByIdAsync(userId) is not { } user) return [new("User", "There is no such account any more.")];
        var errors = await change(users, user);
        // A wrong password is counted even though nothing else comes of it.
        if (errors.Count == 0 || users.HasCounted) await transaction.CommitAsync();
        if (errors.Count == 0) sessions.Changed(userId);
        return errors;
    }

    internal static async Task<bool> IsWrongAsync(EnsUserManager users, EnsUser user, string password)
    {
        if (await users.IsLockedOutAsync(user) || password.Length > PasswordRules.MaxLength) return true;
        if (await users.CheckPasswordAsync(user, password)) return false;
        await users.AccessFailedAsync(user);
        return true;
    }

    internal static IReadOnlyList<AccessError> Errors(IdentityResult result, string field) => [.. result.Errors.Select(e => new AccessError(field, e.Description))];

    internal static string? EmailMistake(string? email) =>
        email?.Trim() is { Length: > 0 and <= MaxEmailLength } given && new EmailAddressAttribute().IsValid(given) && !given.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
            ? null : "Give an e-mail address, such as name@example.com.";

    internal static string? NameMistake(string? name) =>
        name?.Trim() is { Length: > 0 and <= MaxNameLength } && !name.Any(char.IsControl) ? null : $"Give a name of 1 to {MaxNameLength} characters on one line.";

    internal static List<AccessError> Check(NewAccount input)
    {
        var errors = new List<AccessError>();
        if (EmailMistake(input.Email) is { } email) errors.Add(new(nameof(input.Email), email));
        if (NameMistake(input.Name) is { } name) errors.Add(new(nameof(input.Name), name));
        if (PasswordRules.Mistake(input.Password, input.Email?.Trim()) is { } password) errors.Add(new(nameof(input.Password), password));
        return errors;
    }
}
