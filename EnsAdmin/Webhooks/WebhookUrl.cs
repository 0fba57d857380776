using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace EnsAdmin.Webhooks;

/// <summary>The address of a webhook as somebody types it: what is wrong with it, and how it is stored.</summary>
internal static partial class WebhookUrl
{
    private const string NotWhole = "Give a whole address, such as https://example.com/hooks.";
    private const string NoHost = "This is not the name of a host.";
    private const int MaxLabelLength = 63;
    private const int MaxHostLength = 253;

    /// <summary>What would be right, in a sentence; null where it is an address that can be called. Whether it may be is for the address guard to say.</summary>
    public static string? Mistake(string url)
    {
        foreach (var (at, sign) in Runes(url))
            if (IsUnseen(sign)) return string.Create(CultureInfo.InvariantCulture, $"Character {at + 1} is a space, a line break or one that nobody sees (U+{sign.Value:X4}); an address has none.");
        if (url.Contains('\\', StringComparison.Ordinal)) return "Write / instead of \\.";
        if (!Start().IsMatch(url)) return OtherScheme().IsMatch(url) ? "Only http and https addresses can be called." : NotWhole;
        if (url.Contains('#', StringComparison.Ordinal)) return "Leave out the part from # on; it is never sent.";
        if (Authority(url).Contains('@', StringComparison.Ordinal)) return "Leave user name and password out of the address, and the @; use an Authorization header.";
        if (Port().Match(Authority(url)) is { Success: true, Value: var port } && !(ushort.TryParse(port, CultureInfo.InvariantCulture, out var number) && number > 0)) return "A port is a number from 1 to 65535.";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host.Length == 0) return NoHost;
        return uri.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6 ? null : MistakeOfName(Host(uri));
    }

    /// <summary>The address with its host as it is looked up, so that a look-alike in another script shows: <c>https://münchen.example</c> as <c>https://xn--mnchen-3ya.example</c>.</summary>
    /// <param name="url">One without a <see cref="Mistake"/>.</param>
    public static string Stored(string url)
    {
        var authority = Authority(url);
        if (authority.All(char.IsAscii)) return url;
        var uri = new Uri(url);
        var start = url.IndexOf("//", StringComparison.Ordinal) + 2;
        return $"{url[..start]}{Host(uri)}{(uri.IsDefaultPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{uri.Port}"))}{url[(start + authority.Length)..]}";
    }

    private static string? MistakeOfName(string? host)
    {
        if (host is null || !HostName().IsMatch(host)) return NoHost;
        if (host.Split('.').FirstOrDefault(l => l.Length > MaxLabelLength) is { } label) return $"'{label}' is too long for a part of a host; {MaxLabelLength} characters is the most.";
        return host.Length > MaxHostLength ? $"The host is too long; {MaxHostLength} characters is the most." : null;
    }

    /// <summary>Null where it cannot be written in ASCII.</summary>
    private static string? Host(Uri uri)
    {
        try
        {
            return uri.IdnHost;
        }
        catch (Exception e) when (e is ArgumentException or UriFormatException)
        {
            return null;
        }
    }

    /// <summary>What stands between <c>//</c> and the path.</summary>
    private static string Authority(string url)
    {
        var rest = url[(url.IndexOf("//", StringComparison.Ordinal) + 2)..];
        return rest.IndexOfAny(['/', '?', '#']) is >= 0 and var end ? rest[..end] : rest;
    }

    /// <summary>Whether the sign leaves no mark of its own, so that two texts look the same, or turns what is written around it.</summary>
    internal static bool IsUnseen(Rune sign) => Rune.GetUnicodeCategory(sign) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse || sign == Rune.ReplacementChar;

    private static IEnumerable<(int At, Rune Sign)> Runes(string url)
    {
        var at = 0;
        foreach (var sign in url.EnumerateRunes())
        {
            yield return (at, sign);
            at += sign.Utf16SequenceLength;
        }
    }

    [GeneratedRegex("^https?://[^/?#]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Start();

    [GeneratedRegex("^(?!https?:)[a-z][a-z0-9+.-]*:", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OtherScheme();

    [GeneratedRegex("(?<=:)[0-9]+$")]
    private static partial Regex Port();

    [GeneratedRegex(@"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$")]
    private static partial Regex HostName();
}
