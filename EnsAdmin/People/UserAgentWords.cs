namespace EnsAdmin.People;

/// <summary>A browser's own name in the words of its user, as far as it can be told.</summary>
internal static class UserAgentWords
{
    // The order matters: most browsers name others too.
    private static readonly (string Part, string Word)[] Browsers = [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    private static readonly (string Part, string Word)[] Systems = [("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")];

    public static string Of(string? userAgent) => (Find(Browsers, userAgent), Find(Systems, userAgent)) switch
    {
        ({ } browser, { } system) => $"{browser} on {system}",
        ({ } browser, null) => browser,
        (null, { } system) => system,
        _ => "Another program",
    };

    private static string? Find((string Part, string Word)[] known, string? text) => known.FirstOrDefault(k => text?.Contains(k.Part, StringComparison.Ordinal) == true).Word;
}
