using System.Security.Cryptography;
using System.Text;

namespace EnsAdmin.Domain;

/// <summary>
/// A key of an organization for programs. Its secret is 256 random bits, told once and kept only as a hash; nobody can guess those, so a fast hash is right
/// for them, and the look-up costs a request next to nothing.
/// </summary>
public sealed class ApiKey
{
    public const string IdStart = "ens_";
    public const int IdLength = 16;
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";
    private const int SecretBytes = 32;

    private ApiKey() { }

    /// <summary>Starts with <see cref="IdStart"/>; no secret, so that a key is known by it on screens and in logs.</summary>
    public string Id { get; private set; } = "";
    public int OrgId { get; private set; }
    public string Name { get; private set; } = "";
    /// <summary>SHA-256 of the secret's text.</summary>
    public byte[] SecretHash { get; private set; } = [];
    /// <summary>What it may do.</summary>
    public IReadOnlyList<string> Scopes { get; private set; } = [];
    /// <summary>Null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }
    /// <summary>In CIDR form, separated by commas: where it may be used from; null for anywhere.</summary>
    public string? AllowedNetworks { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
    public string CreatedBy { get; private set; } = "";
    /// <summary>To the minute.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>A new key, and its secret, which is not to be had again.</summary>
    public static (ApiKey Key, string Secret) New(int orgId, string name, IReadOnlyList<string> scopes, DateTimeOffset? expiresAt, string? allowedNetworks, string by, DateTimeOffset now)
    {
        var secret = Random(SecretBytes * 8 / 5 + 1);
        return (new ApiKey
        {
            Id = IdStart + Random(IdLength - IdStart.Length), OrgId = orgId, Name = name, SecretHash = Hash(secret), Scopes = scopes,
            ExpiresAt = expiresAt, AllowedNetworks = allowedNetworks, CreatedAt = now, CreatedBy = by,
        }, secret);
    }

    /// <summary>The whole key as it is told: id and secret.</summary>
    public static string Whole(string id, string secret) => $"{id}_{secret}";

    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;

    /// <summary>The hash of a secret, as <see cref="SecretHash"/> keeps it.</summary>
    public static void Hash(ReadOnlySpan<char> secret, Span<byte> hash)
    {
        Span<byte> text = stackalloc byte[Encoding.UTF8.GetMaxByteCount(secret.Length)];
        SHA256.HashData(text[..Encoding.UTF8.GetBytes(secret, text)], hash);
    }

    private static byte[] Hash(string secret)
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        Hash(secret, hash);
        return hash;
    }

    private static string Random(int length) => RandomNumberGenerator.GetString(Base32, length);
}

/// <summary>What a key can be allowed to do.</summary>
public static class Scopes
{
    public const string EventsPublish = "events:publish";
    public const string WebhooksRead = "webhooks:read";
    public const string WebhooksWrite = "webhooks:write";
    public const string DeliveriesRead = "deliveries:read";
    public const string DeliveriesReplay = "deliveries:replay";
    public const string DirectoryRead = "directory:read";
    public const string DirectoryWrite = "directory:write";

    public static IReadOnlyList<string> All { get; } = [EventsPublish, WebhooksRead, WebhooksWrite, DeliveriesRead, DeliveriesReplay, DirectoryRead, DirectoryWrite];
}
