using System.Text.RegularExpressions;

namespace EnsAdmin.Tests;

/// <summary>Which folder may use which, and what nobody may use. The table is the dictionary of docs/ARCHITECTURE.md.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Domain"] = [],
        ["Shared"] = [],
        ["Data"] = ["Domain"],
        ["Catalog"] = ["Domain", "Data", "Shared", "Access"],
        ["Dispatch"] = ["Domain", "Data", "Enrichment", "Shared"],
        ["Access"] = ["Domain", "Data", "Shared"],
        ["People"] = ["Domain", "Data", "Shared", "Access"],
        ["Directories"] = ["Domain", "Data", "Enrichment", "Shared", "Access"],
        ["Enrichment"] = ["Domain", "Data", "Catalog"],
        ["Ingestion"] = ["Domain", "Data", "Catalog", "Enrichment", "Dispatch", "Shared", "Access"],
        ["Webhooks"] = ["Domain", "Data", "Catalog", "Enrichment", "Dispatch", "Shared", "Access", "Activity", "Replays"],
        ["Activity"] = ["Domain", "Data", "Catalog", "Enrichment", "Dispatch", "Shared", "Access", "Replays"],
        ["Replays"] = ["Domain", "Data", "Catalog", "Enrichment", "Dispatch", "Shared", "Access"],
        ["Telemetry"] = ["Data", "Dispatch", "Ingestion", "Shared"],
        ["Network"] = ["Shared", "Access", "Shell"],
        ["Protection"] = ["Data", "Shared"],
        ["Shell"] = ["Domain", "Shared", "Access"],
        ["Demo"] = ["Catalog", "Domain", "Access", "People", "Shared"],
        ["Operations"] = ["Domain", "Data", "Shared", "Access", "Dispatch", "Telemetry", "Hosting"],
        ["Hosting"] = ["Domain", "Data", "Access", "People", "Shared", "Network", "Protection", "Directories"],
    };

    /// <summary>Folders and files that may look at the rows of all organizations.</summary>
    private static readonly string[] MaySeeAll = ["Data/", "Dispatch/", "Telemetry/", "Demo/", "Enrichment/WaitingPayloads.cs", "Replays/ReplayRunner.cs", "Directories/ImportRunner.cs", "Hosting/SettingsRecord.cs", "Operations/SystemStatus.cs", "Access/AccessTable.cs", "Access/AuditLog.cs", "Access/OrganizationStore.cs", "Access/Sessions.cs",
        "People/Accounts.cs", "People/EnsUsers.cs", "People/InvitationStore.cs"];

    /// <summary>Ways around the gate, open to the database's own folders alone.</summary>
    private static readonly string[] WaysAround = ["IDbContextFactory", "IgnoreQueryFilters", "FromSql", "SqlQuery", "ExecuteSql", "SqliteConnection", "new EnsDbContext", "new SqliteHotPath"];

    private static readonly (string Pattern, string Instead)[] Banned =
    [
        (@"\bDateTime(Offset)?\.(Utc)?Now\b", "TimeProvider"),
        (@"\bRandom\.Shared\b", "Jitter"),
        (@"\bThread\.Sleep\b", "a signal"),
        (@"\bTask\.Delay\((?![^;]*\btime\b)", "Task.Delay(…, time)"),
    ];

    public static TheoryData<string> Folders => [.. Directory.GetDirectories(Root()).Select(d => Path.GetFileName(d)!).Where(f => f is not ("bin" or "obj" or "wwwroot"))];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_uses_only_what_the_table_allows(string folder)
    {
        Assert.True(MayUse.ContainsKey(folder), $"The folder {folder} is not in the table.");
        var offenders = Sources(Path.Combine(Root(), folder))
            .SelectMany(file => OurNamespace().Matches(File.ReadAllText(file)).Select(m => (File: Path.GetRelativePath(Root(), file), Used: m.Groups[1].Value)))
            .Where(x => x.Used != folder && MayUse.ContainsKey(x.Used) && !MayUse[folder].Contains(x.Used)).Distinct();
        Assert.Empty(offenders);
    }

    [Fact]
    public void Only_the_engine_sees_the_rows_of_all_organizations() =>
        Assert.Empty(Offenders(["OfInstallation("], MaySeeAll));

    [Fact]
    public void Nobody_goes_around_the_gate() => Assert.Empty(Offenders(WaysAround, ["Data/", "Telemetry/QueueMetrics.cs"]));

    [Fact]
    public void Time_and_chance_come_from_outside()
    {
        var offenders = Sources(Root()).Where(f => !f.EndsWith("Jitter.cs", StringComparison.Ordinal))
            .SelectMany(file => Banned.Where(b => Regex.IsMatch(File.ReadAllText(file), b.Pattern)).Select(b => $"{Path.GetRelativePath(Root(), file)}: use {b.Instead}"));
        Assert.Empty(offenders);
    }

    [Fact]
    public void Files_stay_small_enough_to_read()
    {
        var long_ = Sources(Root()).Where(f => !f.Contains("Migrations")).Select(f => (File: Path.GetRelativePath(Root(), f), Lines: File.ReadAllLines(f).Length))
            .Where(x => x.Lines > (x.File.EndsWith(".razor", StringComparison.Ordinal) ? 150 : 250));
        Assert.Empty(long_);
    }

    private static IEnumerable<string> Offenders(string[] words, string[] allowed) => Sources(Root()).Select(f => (File: Path.GetRelativePath(Root(), f).Replace('\\', '/'), Text: File.ReadAllText(f)))
        .Where(x => !allowed.Any(a => x.File.StartsWith(a, StringComparison.Ordinal))).SelectMany(x => words.Where(x.Text.Contains).Select(w => $"{x.File}: {w}"));

    private static IEnumerable<string> Sources(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(f => (f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal)) && !Path.GetRelativePath(Root(), f).StartsWith("obj", StringComparison.Ordinal)
            && !Path.GetRelativePath(Root(), f).StartsWith("bin", StringComparison.Ordinal));

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "EnsAdmin.sln"))) directory = directory.Parent!;
        return Path.Combine(directory.FullName, "EnsAdmin");
    }

    [GeneratedRegex(@"\bEnsAdmin\.(\w+)")]
    private static partial Regex OurNamespace();
}
