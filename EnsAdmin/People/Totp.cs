using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EnsAdmin.Domain;
using Microsoft.AspNetCore.Identity;

namespace EnsAdmin.People;

/// <summary>
/// Codes of an authenticator app: RFC 6238 with its defaults, SHA-1, 30 seconds, 6 digits. A clock may be off by one step, and a code is good once.
/// </summary>
public sealed class Totp(TimeProvider time) : IUserTwoFactorTokenProvider<EnsUser>
{
    private const int Step = 30, Digits = 1_000_000;
    private const string Used = "TotpStep", Ours = "EnsAdmin";
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>The address that an authenticator app reads from a QR code.</summary>
    public static string Address(string email, string key) => $"otpauth://totp/EnsAdmin:{Uri.EscapeDataString(email)}?secret={key}&issuer=EnsAdmin";

    /// <summary>The step that the code is of; null where it is none of now.</summary>
    /// <param name="key">In base 32.</param>
    public long? StepOf(string key, string code)
    {
        code = string.Concat(code.Where(char.IsAsciiDigit));
        var now = time.GetUtcNow().ToUnixTimeSeconds() / Step;
        long? found = null;
        for (var step = now - 1; step <= now + 1; step++)
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Code(key, step)), Encoding.ASCII.GetBytes(code))) found = step;
        return found;
    }

    /// <summary>The code of a moment.</summary>
    public static string Code(string key, DateTimeOffset at) => Code(key, at.ToUnixTimeSeconds() / Step);

    /// <summary>Notes a step as used.</summary>
    /// <returns>False where it, or a later one, was used before.</returns>
    public static async Task<bool> UseAsync(UserManager<EnsUser> users, EnsUser user, long step)
    {
        if (long.TryParse(await users.GetAuthenticationTokenAsync(user, Ours, Used), CultureInfo.InvariantCulture, out var last) && step <= last) return false;
        // Of two requests at the same moment, the second finds the person changed.
        return (await users.SetAuthenticationTokenAsync(user, Ours, Used, step.ToString(CultureInfo.InvariantCulture))).Succeeded;
    }

    public async Task<bool> ValidateAsync(string purpose, string token, UserManager<EnsUser> manager, EnsUser user) =>
        await manager.GetAuthenticatorKeyAsync(user) is { Length: > 0 } key && StepOf(key, token) is { } step && await UseAsync(manager, user, step);

    public Task<string> GenerateAsync(string purpose, UserManager<EnsUser> manager, EnsUser user) => Task.FromResult("");

    public async Task<bool> CanGenerateTwoFactorTokenAsync(UserManager<EnsUser> manager, EnsUser user) => !string.IsNullOrEmpty(await manager.GetAuthenticatorKeyAsync(user));

    private static string Code(string key, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[20]; // SHA-1's length.
#pragma warning disable CA5350 // What authenticator apps understand; as a keyed hash it is sound.
        HMACSHA1.HashData(Decode(key), counter, hash);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 0xf)..]) & int.MaxValue;
        return (number % Digits).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static byte[] Decode(string key)
    {
        var bytes = new List<byte>(key.Length);
        var (bits, count) = (0, 0);
        foreach (var digit in key.Select(c => Base32.IndexOf(char.ToUpperInvariant(c))).Where(d => d >= 0))
        {
            bits = (bits << 5 | digit) & 0xfff;
            if ((count += 5) < 8) continue;
            count -= 8;
            bytes.Add((byte)(bits >> count));
        }
        return [.. bytes];
    }
}
