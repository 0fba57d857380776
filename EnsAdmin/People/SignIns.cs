using EnsAdmin.Access;
using EnsAdmin.Domain;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace EnsAdmin.People;

/// <summary>What came of a try to sign in.</summary>
public enum SignInOutcome { SignedIn, NeedsCode, Refused }

/// <summary>
/// Signs people in. Whoever does not get in learns nothing: an unknown address, a wrong password, a locked and a disabled account take the same work, a hash and
/// a commit, and get the same answer.
/// </summary>
public sealed class SignIns(EnsUserManager users, EnsSignInManager manager, IPasswordHasher<EnsUser> hasher, Audit audit, IHttpContextAccessor http)
{
    private static readonly EnsUser Nobody = new() { Id = "nobody" };
    private static string? _hashOfNobody;

    public async Task<SignInOutcome> WithPasswordAsync(string? email, string? password)
    {
        var user = await users.FindByEmailAsync(email?.Trim() ?? "");
        var given = password is { Length: > 0 and <= PasswordRules.MaxLength } ? password : "-";
        if (user?.PasswordHash is null || user.DisabledAt is not null || await users.IsLockedOutAsync(user))
        {
            hasher.VerifyHashedPassword(Nobody, _hashOfNobody ??= hasher.HashPassword(Nobody, "-"), given);
            Note(user, "user.signInRefused");
            await users.Db.SaveChangesAsync();
            return SignInOutcome.Refused;
        }

        // The entry goes with the commit that counts the try.
        var right = await users.CheckPasswordAsync(user, given);
        if (!right)
        {
            Note(user, "user.signInRefused");
            await users.AccessFailedAsync(user);
            return SignInOutcome.Refused;
        }

        return Outcome(await manager.BeginAsync(user));
    }

    /// <param name="code">Of the authenticator app, or a recovery code.</param>
    public async Task<SignInOutcome> WithCodeAsync(string? code, bool isRecovery)
    {
        if (await manager.GetTwoFactorAuthenticationUserAsync() is not { } user) return SignInOutcome.Refused;
        if (await users.IsLockedOutAsync(user) || string.IsNullOrWhiteSpace(code) || code.Length > PasswordRules.MaxLength) return SignInOutcome.Refused;
        var given = code.Trim();
        var outcome = Outcome(isRecovery ? await manager.TwoFactorRecoveryCodeSignInAsync(given.ToUpperInvariant()) : await manager.TwoFactorAuthenticatorSignInAsync(given, isPersistent: false, rememberClient: false));
        if (outcome == SignInOutcome.Refused && isRecovery) await users.AccessFailedAsync(user);
        return outcome;
    }

    /// <param name="credential">What the browser's authenticator answered, as JSON.</param>
    public async Task<SignInOutcome> WithPasskeyAsync(string credential) => Outcome(await manager.PasskeySignInAsync(credential));

    /// <summary>Whether the password was right already, and the code is asked for.</summary>
    public async Task<bool> AwaitsCodeAsync() => await manager.GetTwoFactorAuthenticationUserAsync() is not null;

    private void Note(EnsUser? user, string action) =>
        audit.Add(users.Db, new Actor(user?.Email ?? "unknown", user?.Id, RemoteAddress: http.HttpContext?.Connection.RemoteIpAddress?.ToString()), null, action, user is null ? "an unknown address" : $"user {user.Email}", null, null);

    private static SignInOutcome Outcome(SignInResult result) => result switch
    {
        { Succeeded: true } => SignInOutcome.SignedIn,
        { RequiresTwoFactor: true } => SignInOutcome.NeedsCode,
        _ => SignInOutcome.Refused,
    };
}

/// <summary>Identity's own, which lets no disabled person in.</summary>
public sealed class EnsSignInManager(EnsUserManager users, IHttpContextAccessor http, IUserClaimsPrincipalFactory<EnsUser> claims, IOptions<IdentityOptions> options, ILogger<SignInManager<EnsUser>> log,
    IAuthenticationSchemeProvider schemes, IUserConfirmation<EnsUser> confirmation) : SignInManager<EnsUser>(users, http, claims, options, log, schemes, confirmation)
{
    public override async Task<bool> CanSignInAsync(EnsUser user) => user.DisabledAt is null && await base.CanSignInAsync(user);

    /// <summary>After the right password: signs in, or goes on to the second factor.</summary>
    public async Task<SignInResult> BeginAsync(EnsUser user)
    {
        if (!user.TwoFactorEnabled) await ResetLockout(user);
        return await SignInOrTwoFactorAsync(user, isPersistent: false);
    }
}
