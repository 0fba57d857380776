using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EnsAdmin.Dispatch;

/// <summary>
/// Takes the values of a webhook's headers out of what its receiver answers, which may repeat what it got: as they are, without the scheme before a credential,
/// decoded where they are Basic, and as JSON, HTML and addresses write them.
/// </summary>
internal sealed class SecretMask
{
    public const string Shown = "••••••";

    private const int Shortest = 4;

    // Nobody hides anything in these, and their values stand in every answer.
    private static readonly string[] Plain = ["Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Content-Type"];

    private static readonly byte[] ShownBytes = Encoding.UTF8.GetBytes(Shown);
    private readonly string[] _secrets;
    private readonly byte[][] _bytes;

    public SecretMask(IEnumerable<KeyValuePair<string, string>> headers)
    {
        _secrets = [.. headers.Where(h => !Plain.Contains(h.Key, StringComparer.OrdinalIgnoreCase)).SelectMany(h => Secrets(h.Value)).SelectMany(Spellings)
            .Where(s => s.Length >= Shortest).Distinct(StringComparer.Ordinal).OrderByDescending(s => s.Length)];
        _bytes = [.. _secrets.Select(Encoding.UTF8.GetBytes)];
        Longest = _bytes.Length == 0 ? 0 : _bytes.Max(b => b.Length);
    }

    /// <summary>Bytes: what is cut off has to be masked together with so much of what follows, lest half a secret stays.</summary>
    public int Longest { get; }

    public string Mask(string text) => _secrets.Aggregate(text, (masked, secret) => masked.Replace(secret, Shown, StringComparison.Ordinal));

    public byte[] Mask(byte[] body)
    {
        foreach (var secret in _bytes) body = Replace(body, secret);
        return body;
    }

    private static byte[] Replace(byte[] body, byte[] secret)
    {
        var at = body.AsSpan().IndexOf(secret);
        if (at < 0) return body;
        using var masked = new MemoryStream(body.Length);
        var rest = body.AsSpan();
        for (; at >= 0; at = rest.IndexOf(secret))
        {
            masked.Write(rest[..at]);
            masked.Write(ShownBytes);
            rest = rest[(at + secret.Length)..];
        }
        masked.Write(rest);
        return masked.ToArray();
    }

    private static IEnumerable<string> Secrets(string value)
    {
        yield return value;
        var parts = value.Split(' ', 2, StringSplitOptions.TrimEntries);
        if (parts.Length < 2) yield break;
        yield return parts[1];
        var decoded = new byte[parts[1].Length];
        if (!parts[0].Equals("Basic", StringComparison.OrdinalIgnoreCase) || !Convert.TryFromBase64String(parts[1], decoded, out var length)) yield break;
        var credentials = Encoding.UTF8.GetString(decoded, 0, length);
        yield return credentials;
        yield return credentials[(credentials.IndexOf(':') + 1)..];
    }

    // Of HTML there are as many as there are ways to write a quotation mark.
    private static string[] Spellings(string secret) =>
    [
        secret, JsonEncodedText.Encode(secret).ToString(), JsonEncodedText.Encode(secret, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString(), secret.Replace("/", "\\/", StringComparison.Ordinal),
        HtmlEncoder.Default.Encode(secret), WebUtility.HtmlEncode(secret), WebUtility.HtmlEncode(secret).Replace("&#39;", "&#x27;", StringComparison.Ordinal),
        WebUtility.HtmlEncode(secret).Replace("&#39;", "'", StringComparison.Ordinal), WebUtility.HtmlEncode(secret).Replace("&#39;", "'", StringComparison.Ordinal).Replace("&quot;", "\"", StringComparison.Ordinal),
        Uri.EscapeDataString(secret), Uri.EscapeDataString(secret).Replace("%20", "+", StringComparison.Ordinal),
    ];
}
