using EnsAdmin.Data;
using EnsAdmin.Domain;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EnsAdmin.People;

/// <summary>Identity's store over a context of the installation. Keys of authenticator apps and recovery codes are encrypted.</summary>
public sealed class EnsUserStore(EnsContexts contexts, IDataProtectionProvider protection, IdentityErrorDescriber errors)
    : UserOnlyStore<EnsUser, EnsDbContext, string, IdentityUserClaim<string>, IdentityUserLogin<string>, IdentityUserToken<string>, IdentityUserPasskey<string>>(contexts.OfInstallation(), errors), IDisposable
{
    private readonly IDataProtector _protector = protection.CreateProtector(ProtectedValues.UserTokens);

    public override Task SetTokenAsync(EnsUser user, string loginProvider, string name, string? value, CancellationToken cancellationToken) =>
        base.SetTokenAsync(user, loginProvider, name, value is null ? null : _protector.Protect(value), cancellationToken);

    public override async Task<string?> GetTokenAsync(EnsUser user, string loginProvider, string name, CancellationToken cancellationToken) =>
        await base.GetTokenAsync(user, loginProvider, name, cancellationToken) is { } stored ? _protector.Unprotect(stored) : null;

    void IDisposable.Dispose()
    {
        Dispose();
        Context.Dispose();
    }
}

/// <summary>Identity's manager, on the clock of the program.</summary>
public sealed class EnsUserManager(EnsUserStore store, IOptions<IdentityOptions> options, IPasswordHasher<EnsUser> hasher, IEnumerable<IUserValidator<EnsUser>> userRules,
    IEnumerable<IPasswordValidator<EnsUser>> passwordRules, ILookupNormalizer keys, IdentityErrorDescriber errors, IServiceProvider services, ILogger<UserManager<EnsUser>> log, TimeProvider time)
    : UserManager<EnsUser>(store, options, hasher, userRules, passwordRules, keys, errors, services, log)
{
    /// <summary>What its changes are saved by: what is added here is saved with them.</summary>
    public EnsDbContext Db => store.Context;

    /// <summary>Whether a wrong try was counted through this manager.</summary>
    public bool HasCounted { get; private set; }

    /// <summary>Whether there were too many tries. Nobody is excepted.</summary>
    public override Task<bool> IsLockedOutAsync(EnsUser user) => Task.FromResult(user.LockoutEnd >= time.GetUtcNow());

    /// <summary>Counts a wrong password or code; after some, no try counts for a while.</summary>
    public override Task<IdentityResult> AccessFailedAsync(EnsUser user)
    {
        HasCounted = true;
        if (++user.AccessFailedCount >= Options.Lockout.MaxFailedAccessAttempts) (user.AccessFailedCount, user.LockoutEnd) = (0, time.GetUtcNow() + Options.Lockout.DefaultLockoutTimeSpan);
        return UpdateUserAsync(user);
    }

    /// <summary>Sets a password without asking for the old one.</summary>
    public async Task<IdentityResult> ResetPasswordAsync(EnsUser user, string password)
    {
        var result = await UpdatePasswordHash(user, password, validatePassword: true);
        return result.Succeeded ? await UpdateUserAsync(user) : result;
    }
}
