using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.AspNetCore.Authentication;

namespace EnsAdmin.Access;

/// <summary>A key as requests are checked against it; what follows from it is made once and not for each of them.</summary>
public sealed class KnownKey
{
    private static readonly long BetweenUses = TimeSpan.FromMinutes(1).Ticks;

    private readonly byte[] _secretHash;
    private readonly IReadOnlyList<IPNetwork>? _networks;
    private long _usedAt;

    public KnownKey(ApiKey key)
    {
        (Id, ExpiresAt, _secretHash) = (key.Id, key.ExpiresAt, key.SecretHash);
        _networks = key.AllowedNetworks is { } networks ? NetworkListAttribute.Read(networks) ?? [] : null;
        _usedAt = key.LastUsedAt?.UtcTicks ?? 0;
        Caller = new ApiCaller(key.OrgId, key.Id, key.Name);
        var identity = new ClaimsIdentity(key.Scopes.Select(s => new Claim(ApiKeys.ScopeClaim, s)).Append(new Claim(ClaimTypes.NameIdentifier, key.Id)), ApiKeys.Scheme);
        Accepted = Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), ApiKeys.Scheme)));
    }

    public string Id { get; }
    public DateTimeOffset? ExpiresAt { get; }
    public ApiCaller Caller { get; }

    /// <summary>The answer to a request that has shown the secret.</summary>
    public Task<AuthenticateResult> Accepted { get; }

    public bool IsSecret(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(_secretHash, hash);

    public bool MayComeFrom(IPAddress? address)
    {
        if (_networks is null) return true;
        if (address is null) return false;
        var real = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _networks.Any(n => n.Contains(real));
    }

    /// <summary>Notes a use.</summary>
    /// <returns>Whether it is to be written down: at most once a minute.</returns>
    public bool Used(long now)
    {
        var before = Volatile.Read(ref _usedAt);
        return now - before >= BetweenUses && Interlocked.CompareExchange(ref _usedAt, now, before) == before;
    }
}

/// <summary>The key that a request of the API came with. An endpoint takes it as a parameter; the organization of the request is the key's.</summary>
public sealed record ApiCaller(int OrgId, string KeyId, string Name)
{
    /// <summary>For minimal endpoints, which find it by this name.</summary>
    public static ValueTask<ApiCaller> BindAsync(HttpContext http) => ValueTask.FromResult(Of(http) ?? throw new InvalidOperationException("The endpoint names no scope, so nobody has looked at the caller's key."));

    /// <summary>Null where the request has no key.</summary>
    public static ApiCaller? Of(HttpContext http) => http.Features.Get<ApiCaller>();

    public Actor Actor(HttpContext http) => new(Name, KeyId: KeyId, RemoteAddress: http.Connection.RemoteIpAddress?.ToString());
}
