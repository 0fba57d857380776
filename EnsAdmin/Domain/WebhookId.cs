using System.Buffers.Binary;
using System.Security.Cryptography;

namespace EnsAdmin.Domain;

/// <summary>Makes the 24-digit hexadecimal ids of webhooks: seconds since 1970 and eight random bytes.</summary>
public static class WebhookId
{
    public const int Length = 24;

    public static string New(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)now.ToUnixTimeSeconds());
        RandomNumberGenerator.Fill(bytes[4..]);
        return Convert.ToHexStringLower(bytes);
    }
}
