using System.ComponentModel;

namespace EnsAdmin.Hosting;

/// <summary>Whether this is the demo: section <c>Ens</c>, set by the command <c>demo</c>.</summary>
public sealed class DemoMode
{
    public const string Section = "Ens";
    public const string Key = "Ens:Demo";

    [Browsable(false)]
    public bool Demo { get; set; }
}

/// <summary>The demo's throw-away data directory; deleted when disposed.</summary>
public sealed class DemoDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ensadmin-demo-");

    /// <summary>What the demo sets above every other source of configuration.</summary>
    public Dictionary<string, string?> Settings => Own(_directory.FullName);

    /// <summary>The keys that are the demo's own to set.</summary>
    public static IEnumerable<string> OwnKeys => Own("").Keys;

    /// <summary>What the demo sets below every other source: a line for each attempt would carry the line with the address away.</summary>
    public static Dictionary<string, string?> Defaults => new() { ["Logging:LogLevel:EnsAdmin"] = nameof(LogLevel.Warning) };

    private static Dictionary<string, string?> Own(string directory) => new()
    {
        [DemoMode.Key] = "true",
        ["Ens:DataDirectory"] = directory,
        ["Ens:Delivery:AllowedNetworks"] = "127.0.0.0/8, ::1/128", // Its receivers are on this machine.
    };

    public void Dispose()
    {
        try
        {
            _directory.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The system's temporary directory is cleared by others; a demo must not end with an error for it.
        }
    }
}
