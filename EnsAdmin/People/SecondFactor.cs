using EnsAdmin.Access;
using EnsAdmin.Domain;
using Microsoft.AspNetCore.Identity;

namespace EnsAdmin.People;

/// <summary>What a person signs in with besides the password.</summary>
/// <param name="IsProvided">Whether a provider vouches for the person, which alone decides how.</param>
public sealed record Factors(bool HasPassword, bool IsProvided, bool HasApp, int RecoveryCodes, IReadOnlyList<PasskeyRow> Passkeys);

/// <summary>A passkey, without anything that would help to use it.</summary>
/// <param name="Id">Base64url.</param>
public sealed record PasskeyRow(string Id, string Name, DateTimeOffset CreatedAt);

/// <summary>Sets up authenticator apps, recovery codes and passkeys of people. Whoever adds one, or turns the app off, says the password again.</summary>
public sealed class SecondFactor(Accounts accounts, IServiceScopeFactory scopes, Totp totp, Sessions sessions, Audit audit)
{
    private const int RecoveryCodes = 10;
    private const string WrongPassword = "This is not your password, or there were too many tries; then wait five minutes.";
    private const int MaxPasskeyName = 60;

    public async Task<Factors> OfAsync(string userId)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<EnsUserManager>();
        if (await users.FindByIdAsync(userId) is not { } user) return new(false, false, false, 0, []);
        var passkeys = (await users.GetPasskeysAsync(user)).OrderBy(p => p.CreatedAt).Select(p => new PasskeyRow(Base64(p.CredentialId), p.Name ?? "Passkey", p.CreatedAt));
        return new(user.PasswordHash is not null, (await users.GetLoginsAsync(user)).Count > 0, user.TwoFactorEnabled, await users.CountRecoveryCodesAsync(user), [.. passkeys]);
    }

    /// <summary>A fresh key for an authenticator app; nothing is stored until a code of it has been seen.</summary>
    public async Task<string> NewKeyAsync()
    {
        await using var scope = scopes.CreateAsyncScope();
        return scope.ServiceProvider.GetRequiredService<EnsUserManager>().GenerateNewAuthenticatorKey();
    }

    /// <summary>Turns the app on. Other sessions end.</summary>
    /// <returns>Recovery codes, which are not told again, or what is wrong.</returns>
    public async Task<(IReadOnlyList<string> Codes, IReadOnlyList<AccessError> Errors)> TurnOnAsync(string userId, string key, string code, string password, Guid keep, Actor by)
    {
        IReadOnlyList<string> codes = [];
        var errors = await accounts.ChangeAsync(userId, async (users, user) =>
        {
            if (totp.StepOf(key, code) is not { } step) return [new("Code", "This is not the code that the app shows now. Check that the clocks of both are right.")];
            if (await Accounts.IsWrongAsync(users, user, password)) return [new("Password", WrongPassword)];
            await users.SetAuthenticationTokenAsync(user, "[AspNetUserStore]", "AuthenticatorKey", key);
            await Totp.UseAsync(users, user, step);
            codes = [.. await users.GenerateNewTwoFactorRecoveryCodesAsync(user, RecoveryCodes) ?? []];
            await sessions.EndAllAsync(users.Db, userId, keep);
            audit.Add(users.Db, by, null, "user.secondFactorOn", $"user {user.Email}", new { authenticatorApp = false }, new { authenticatorApp = true });
            return Accounts.Errors(await users.SetTwoFactorEnabledAsync(user, true), "Code");
        });
        return (errors.Count == 0 ? codes : [], errors);
    }

    public Task<IReadOnlyList<AccessError>> TurnOffAsync(string userId, string password, Guid keep, Actor by) => accounts.ChangeAsync(userId, async (users, user) =>
    {
        if (await Accounts.IsWrongAsync(users, user, password)) return [new("Password", WrongPassword)];
        await users.RemoveAuthenticationTokenAsync(user, "[AspNetUserStore]", "AuthenticatorKey");
        await users.RemoveAuthenticationTokenAsync(user, "[AspNetUserStore]", "RecoveryCodes");
        await sessions.EndAllAsync(users.Db, userId, keep);
        audit.Add(users.Db, by, null, "user.secondFactorOff", $"user {user.Email}", new { authenticatorApp = true }, new { authenticatorApp = false });
        return Accounts.Errors(await users.SetTwoFactorEnabledAsync(user, false), "Password");
    });

    /// <summary>Replaces the recovery codes; the old ones are good no more.</summary>
    public async Task<(IReadOnlyList<string> Codes, IReadOnlyList<AccessError> Errors)> NewCodesAsync(string userId, string password, Actor by)
    {
        IReadOnlyList<string> codes = [];
        var errors = await accounts.ChangeAsync(userId, async (users, user) =>
        {
            if (await Accounts.IsWrongAsync(users, user, password)) return [new("Password", WrongPassword)];
            audit.Add(users.Db, by, null, "user.recoveryCodesRenewed", $"user {user.Email}", new { recoveryCodes = "secret" }, new { recoveryCodes = "secret, changed" });
            codes = [.. await users.GenerateNewTwoFactorRecoveryCodesAsync(user, RecoveryCodes) ?? []];
            return [];
        });
        return (errors.Count == 0 ? codes : [], errors);
    }

    /// <summary>Asks for the password, before a passkey is made. A wrong one is counted.</summary>
    /// <returns>What is wrong; empty when it is the person's.</returns>
    public Task<IReadOnlyList<AccessError>> ConfirmAsync(string userId, string password) =>
        accounts.ChangeAsync(userId, async (users, user) => await Accounts.IsWrongAsync(users, user, password) ? [new("Password", WrongPassword)] : []);

    public Task<IReadOnlyList<AccessError>> AddPasskeyAsync(string userId, UserPasskeyInfo passkey, string? name, Actor by) => accounts.ChangeAsync(userId, async (users, user) =>
    {
        // Who is taken off at the provider must not come in by another way.
        if ((await users.GetLoginsAsync(user)).Count > 0) return [new("Passkey", "You sign in by your organization's provider, which alone decides how.")];
        passkey.Name = name?.Trim() is { Length: > 0 } given ? given[..Math.Min(given.Length, MaxPasskeyName)] : "Passkey";
        audit.Add(users.Db, by, null, "user.passkeyAdded", $"user {user.Email}", null, new { passkey.Name });
        return Accounts.Errors(await users.AddOrUpdatePasskeyAsync(user, passkey), "Passkey");
    });

    public Task<IReadOnlyList<AccessError>> RemovePasskeyAsync(string userId, string id, Actor by) => accounts.ChangeAsync(userId, async (users, user) =>
    {
        var credential = Microsoft.AspNetCore.WebUtilities.WebEncoders.Base64UrlDecode(id);
        if (await users.GetPasskeyAsync(user, credential) is not { } passkey) return [];
        audit.Add(users.Db, by, null, "user.passkeyRemoved", $"user {user.Email}", new { passkey.Name }, null);
        return Accounts.Errors(await users.RemovePasskeyAsync(user, credential), "Passkey");
    });

    private static string Base64(byte[] id) => Microsoft.AspNetCore.WebUtilities.WebEncoders.Base64UrlEncode(id);
}
