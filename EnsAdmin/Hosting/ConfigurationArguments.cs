namespace EnsAdmin.Hosting;

/// <summary>Tells the arguments that are settings (<c>--key=value</c>, <c>--key value</c>) from those of the command line proper.</summary>
public static class ConfigurationArguments
{
    private static readonly HashSet<string> Heads = new(StringComparer.OrdinalIgnoreCase)
    {
        "Ens", "Logging", "Kestrel", "AllowedHosts", "Urls", "http_ports", "https_ports", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL",
        "environment", "contentRoot", "webRoot", "applicationName", "staticWebAssets", "detailedErrors",
        // What a test host hands over beside its own settings.
        "hostBuilder", "startupAssembly", "captureStartupErrors", "preferHostingUrls", "preventHostingStartup", "suppressStatusMessages",
        "shutdownTimeoutSeconds", "hostingStartupAssemblies", "hostingStartupExcludeAssemblies", "forwardedHeaders_enabled",
    };

    /// <summary>Keeps the order of both kinds; a setting without its value stays with the others.</summary>
    public static (string[] Settings, string[] Others) Split(IReadOnlyList<string> args)
    {
        List<string> settings = [], others = [];
        for (var i = 0; i < args.Count; i++)
        {
            if (!IsSetting(args[i]))
            {
                others.Add(args[i]);
            }
            else if (args[i].Contains('='))
            {
                settings.Add(args[i]);
            }
            else if (i + 1 < args.Count && !args[i + 1].StartsWith("--", StringComparison.Ordinal))
            {
                settings.AddRange([args[i], args[++i]]);
            }
            else
            {
                others.Add(args[i]);
            }
        }
        return ([.. settings], [.. others]);
    }

    /// <summary>Whether the argument begins as a setting does, with or without a value.</summary>
    public static bool IsSetting(string arg) =>
        arg.StartsWith("--", StringComparison.Ordinal) && Heads.Contains(arg[2..].Split('=', ':')[0]);
}
