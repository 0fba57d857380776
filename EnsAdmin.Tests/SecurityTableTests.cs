using System.Text.RegularExpressions;

namespace EnsAdmin.Tests;

/// <summary>What docs/security.md says is true as far as a test can tell: the tests that it names exist, and no line is without a state.</summary>
public sealed partial class SecurityTableTests
{
    [Fact]
    public void Every_test_that_the_table_names_exists()
    {
        var tests = typeof(SecurityTableTests).Assembly.GetTypes().SelectMany(t => t.GetMethods()).Where(m => m.IsDefined(typeof(FactAttribute), inherit: true)).Select(m => m.Name).ToHashSet();
        var named = TestName().Matches(Table()).Select(m => m.Groups[1].Value).Distinct().ToList();
        Assert.True(named.Count > 50, $"{named.Count}");
        Assert.Empty(named.Except(tests));
    }

    [Fact]
    public void Every_line_is_met_open_or_not_applicable()
    {
        var rows = Table().Split('\n').Where(l => Row().IsMatch(l)).ToList();
        Assert.True(rows.Count > 90, $"{rows.Count}");
        Assert.All(rows, row => Assert.Matches(@"\| (met|open|not applicable)[^|]*\|$", row));
    }

    private static string Table()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "EnsAdmin.sln"))) directory = directory.Parent!;
        return File.ReadAllText(Path.Combine(directory.FullName, "docs", "security.md"));
    }

    [GeneratedRegex(@"`([A-Z]\w+_\w+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"^\| \d+\.\d+\.\d+")]
    private static partial Regex Row();
}
