using System.Text.RegularExpressions;

namespace EnsAdmin.Hosting;

/// <summary>The levels of the log in the configuration: <c>Logging:LogLevel:…</c>, and those of one output alone.</summary>
internal static partial class LogLevels
{
    /// <summary>Key, given value, and what would be right.</summary>
    public static IEnumerable<string> Mistakes(IConfiguration configuration) => configuration.GetSection("Logging").AsEnumerable()
        .Where(x => x.Value is { Length: > 0 } && Level().IsMatch(x.Key) && !Enum.TryParse<LogLevel>(x.Value, ignoreCase: true, out _))
        .Select(x => $"{x.Key} = \"{x.Value}\": should be one of {string.Join(", ", Enum.GetNames<LogLevel>())}");

    [GeneratedRegex("^Logging:([^:]+:)?LogLevel:", RegexOptions.IgnoreCase)]
    private static partial Regex Level();
}
