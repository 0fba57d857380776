using System.Text.RegularExpressions;
using EnsAdmin.Network;
using EnsAdmin.Shared;

namespace EnsAdmin.Hosting;

/// <summary>Reads the configuration once, at start, and says everything that is wrong with it: the whole section <c>Ens</c>, where to listen, what to log.</summary>
public sealed partial class SettingsCheck(IConfiguration configuration, IEnumerable<SettingsSection> sections, IServiceProvider services)
{
    private readonly Dictionary<string, Setting> _known = sections.SelectMany(s => Setting.Of(s.Type, s.Path))
        .DistinctBy(s => s.Key, StringComparer.OrdinalIgnoreCase).ToDictionary(s => s.Key, StringComparer.OrdinalIgnoreCase);

    /// <summary>Those that are for people to set.</summary>
    private IEnumerable<string> Keys => _known.Values.Where(s => !s.IsInternal).Select(s => s.Key);

    /// <exception cref="StartupFailure">With one line for each mistake.</exception>
    public void Run()
    {
        var mistakes = Mistakes();
        if (mistakes.Count == 0) return;
        var head = mistakes.Count == 1 ? "EnsAdmin cannot start, a setting is wrong:" : $"EnsAdmin cannot start, {mistakes.Count} settings are wrong:";
        throw new StartupFailure(string.Join(Environment.NewLine, mistakes.Select(m => "  " + m).Prepend(head)));
    }

    /// <summary>Key, given value, and what would be right; in the order of the keys.</summary>
    public IReadOnlyList<string> Mistakes()
    {
        var ofKeys = configuration.GetSection("Ens").AsEnumerable().Where(x => x.Value is not null).OrderBy(x => x.Key, StringComparer.OrdinalIgnoreCase)
            .Select(x => Mistake(x.Key, x.Value!) is { } wrong ? $"{x.Key} = \"{Shown(x.Key, x.Value!)}\": {wrong}" : null).OfType<string>()
            .Concat(LogLevels.Mistakes(configuration)).Concat(ListenAddresses.Mistakes(configuration)).ToList();
        // Rules over several values make sense only where each can be read.
        return ofKeys.Count > 0 ? ofKeys : [.. sections.SelectMany(s => s.RulesBroken(services)).Distinct()];
    }

    // Also a misspelt key may carry what nobody is to read on a console.
    private static string Shown(string key, string value) => Secret().IsMatch(key[(key.LastIndexOf(':') + 1)..]) ? "••••••" : value;

    [GeneratedRegex("(pass|phrase|secret|token)(?!.*file)", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    private string? Mistake(string key, string value)
    {
        if (_known.TryGetValue(key, out var setting)) return setting.Mistake(value);
        var inside = Keys.Where(k => k.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase)).ToArray();
        if (inside.Length > 0) return value.Length == 0 ? null : $"is a group of settings: {string.Join(", ", inside)}";
        if (Nearest.To(key, Keys) is { } meant) return $"no such setting; did you mean {meant}?";
        return Neighbours(key) is { Length: > 0 } near ? $"no such setting; there are {string.Join(", ", near)}" : "no such setting; --help lists those that there are";
    }

    /// <summary>The known keys of the innermost known group around an unknown one; none where that is all of <c>Ens</c>, which nobody reads on a line.</summary>
    private string[] Neighbours(string key)
    {
        for (var end = key.LastIndexOf(':'); key[..end].Contains(':'); end = key.LastIndexOf(':', end - 1))
            if (Keys.Where(k => k.StartsWith(key[..(end + 1)], StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } found) return found;
        return [];
    }
}
