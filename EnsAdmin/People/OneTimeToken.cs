using System.Security.Cryptography;
using System.Text;

namespace EnsAdmin.People;

/// <summary>What a one-time link carries: 256 random bits, kept only as a hash. Nobody can guess those, so a fast hash is right for them.</summary>
internal static class OneTimeToken
{
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";
    private const int Length = 52;

    public static string New() => RandomNumberGenerator.GetString(Base32, Length);

    public static byte[] Hash(string? token) => SHA256.HashData(Encoding.UTF8.GetBytes(token is { Length: <= Length } ? token : ""));
}
