using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Access;

/// <summary>What a new key is to be.</summary>
public sealed class NewKey
{
    public string Name { get; set; } = "";
    public IReadOnlyList<string> Scopes { get; set; } = [];
    /// <summary>Null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }
    /// <summary>In CIDR form, separated by commas; empty for anywhere.</summary>
    public string AllowedNetworks { get; set; } = "";
}

/// <summary>What came of adding a key.</summary>
public abstract record AddKeyResult
{
    private AddKeyResult() { }

    /// <param name="Whole">Id and secret, as the caller needs them. Nobody can be told again.</param>
    public sealed record Added(ApiKey Key, string Whole) : AddKeyResult;

    public sealed record Invalid(IReadOnlyList<AccessError> Errors) : AddKeyResult;
}

/// <summary>Keeps the API keys of an organization.</summary>
public sealed class KeyStore(EnsContexts contexts, AccessTable table, Audit audit, ChangeFeed changes, TimeProvider time)
{
    public const int MaxNameLength = 100;

    /// <summary>The newest first, revoked ones too.</summary>
    public async Task<IReadOnlyList<ApiKey>> AllAsync(int orgId, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        return await db.ApiKeys.AsNoTracking().OrderByDescending(k => k.CreatedAt).ThenBy(k => k.Id).ToListAsync(cancel);
    }

    public async Task<AddKeyResult> AddAsync(int orgId, NewKey input, Actor by, CancellationToken cancel = default)
    {
        var errors = Check(input, time.GetUtcNow());
        await using var db = contexts.Of(orgId);
        if (!await db.Organizations.AnyAsync(o => o.DeletedAt == null, cancel)) errors.Insert(0, new("Organization", $"There is no organization {orgId}."));
        if (errors.Count > 0) return new AddKeyResult.Invalid(errors);

        var networks = string.IsNullOrWhiteSpace(input.AllowedNetworks) ? null : input.AllowedNetworks.Trim();
        var (key, secret) = ApiKey.New(orgId, input.Name.Trim(), [.. Scopes.All.Where(input.Scopes.Contains)], input.ExpiresAt, networks, by.Name, time.GetUtcNow());
        db.ApiKeys.Add(key);
        audit.Add(db, by, orgId, "key.added", $"key {key.Id}", null, Told(key));
        await db.SaveChangesAsync(cancel);
        Changed(orgId);
        return new AddKeyResult.Added(key, ApiKey.Whole(key.Id, secret));
    }

    /// <summary>The key is refused from this moment on.</summary>
    /// <returns>False when the organization has no such key.</returns>
    public async Task<bool> RevokeAsync(int orgId, string id, Actor by, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        if (await db.ApiKeys.SingleOrDefaultAsync(k => k.Id == id, cancel) is not { } key) return false;
        if (key.RevokedAt is not null) return true;
        var before = Told(key);
        key.Revoke(time.GetUtcNow());
        audit.Add(db, by, orgId, "key.revoked", $"key {key.Id}", before, Told(key));
        await db.SaveChangesAsync(cancel);
        Changed(orgId);
        return true;
    }

    private static List<AccessError> Check(NewKey input, DateTimeOffset now)
    {
        var errors = new List<AccessError>();
        if (input.Name.Trim() is not { Length: > 0 and <= MaxNameLength } || input.Name.Any(char.IsControl)) errors.Add(new(nameof(input.Name), $"Give a name of 1 to {MaxNameLength} characters on one line."));
        if (input.Scopes.Count == 0) errors.Add(new(nameof(input.Scopes), "Choose at least one scope."));
        foreach (var scope in input.Scopes.Except(Scopes.All)) errors.Add(new(nameof(input.Scopes), $"There is no scope '{scope}'; there are {string.Join(", ", Scopes.All)}."));
        if (input.ExpiresAt <= now) errors.Add(new(nameof(input.ExpiresAt), "The expiry must be in the future."));
        if (NetworkListAttribute.Read(input.AllowedNetworks) is null) errors.Add(new(nameof(input.AllowedNetworks), "Give networks in CIDR form, separated by commas, such as 10.1.0.0/16, fd00:1::/32."));
        return errors;
    }

    private void Changed(int orgId)
    {
        table.Load();
        changes.Publish(Topics.Keys(orgId));
    }

    private static object Told(ApiKey key) => new { key.Name, key.Scopes, key.ExpiresAt, key.AllowedNetworks, key.RevokedAt };
}
