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
    // Of an account, one try after the other: many at once would not know of each other, and more than five be looked at.
    private static readonly SemaphoreSlim[] Turns = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];
    private static readonly EnsUser Nobody = new() { Id = "nobody" };
    private static string? _hashOfNobody;

    public Task<SignInOutcome> WithPasswordAsync(string? email, string? password) => InTurnAsync(email, () => TryPasswordAsync(email, password));

    private async Task<SignInOutcome> TryPasswordAsync(string? email, string? password)
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
        return await InTurnAsync(user.Email, async () =>
        {
            await users.Db.Entry(user).ReloadAsync();
            return await TryCodeAsync(user, code?.Trim() ?? "", isRecovery);
        });
    }

    private async Task<SignInOutcome> TryCodeAsync(EnsUser user, string code, bool isRecovery)
    {
        var counts = code.Length is > 0 and <= PasswordRules.MaxLength && !await users.IsLockedOutAsync(user);
        var outcome = !counts ? SignInOutcome.Refused
            : Outcome(isRecovery ? await manager.TwoFactorRecoveryCodeSignInAsync(code.ToUpperInvariant()) : await manager.TwoFactorAuthenticatorSignInAsync(code, isPersistent: false, rememberClient: false));
        if (outcome != SignInOutcome.Refused) return outcome;
        Note(user, "user.signInRefused");
        // Identity has counted a code of the app itself.
        if (counts && isRecovery) await users.AccessFailedAsync(user);
        else await users.Db.SaveChangesAsync();
        return outcome;
    }

    private async Task<SignInOutcome> InTurnAsync(string? email, Func<Task<SignInOutcome>> attempt)
    {
        var turn = Turns[(uint)StringComparer.OrdinalIgnoreCase.GetHashCode(email?.Trim() ?? "") % (uint)Turns.Length];
        await turn.WaitAsync(http.HttpContext?.RequestAborted ?? default);
        try
        {
            return await attempt();
        }
        finally
        {
            turn.Release();
        }
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

    /// <inheritdoc/>
    public override async Task<SignInResult> PasskeySignInAsync(string credentialJson) => await InCeremonyAsync(() => base.PasskeySignInAsync(credentialJson)) ?? SignInResult.Failed;

    /// <summary>What came of making a passkey; null where none was begun.</summary>
    public Task<PasskeyAttestationResult?> MadePasskeyAsync(string credential) => InCeremonyAsync(() => PerformPasskeyAttestationAsync(credential));

    // Its cookie may have run out, or somebody sends what nobody asked for: Identity throws.
    private static async Task<T?> InCeremonyAsync<T>(Func<Task<T>> answer) where T : class
    {
        try
        {
            return await answer();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>After the right password: signs in, or goes on to the second factor.</summary>
    public async Task<SignInResult> BeginAsync(EnsUser user)
    {
        if (!user.TwoFactorEnabled) await ResetLockout(user);
        return await SignInOrTwoFactorAsync(user, isPersistent: false);
    }
}
