using System.Text.RegularExpressions;
using EnsAdmin.Access;
using EnsAdmin.Domain;

namespace EnsAdmin.Tests.Access;

public sealed class AuditDifferenceTests
{
    [Fact]
    public void Each_field_says_what_it_was_and_what_it_is()
    {
        var changes = AuditDifference.Of("""{"url":"https://a.example","maxConnections":20,"active":true,"replayWindowHours":null,"same":1}""", """{"url":"https://b.example","maxConnections":7,"active":false,"replayWindowHours":48,"same":1}""");
        Assert.Equal([("Url", "https://a.example", "https://b.example"), ("Max connections", "20", "7"), ("Active", "yes", "no"), ("Replay window hours", null, "48")], changes.Select(c => (c.Field, c.Before, c.After)));
    }

    [Fact]
    public void Of_a_list_only_what_went_and_what_came_is_told()
    {
        var change = Assert.Single(AuditDifference.Of("""{"events":["a","b","c"]}""", """{"events":["c","a","d"]}"""));
        Assert.Equal(("b", "d"), (Assert.Single(change.Removed), Assert.Single(change.Added)));
    }

    [Fact]
    public void Parts_of_parts_are_named_by_both()
    {
        var changes = AuditDifference.Of("""{"headers":{"X-Brand":"secret","X-Old":"secret"}}""", """{"headers":{"X-Brand":"secret, changed"}}""");
        Assert.Equal([("Headers: X-Brand", "secret", "secret, changed"), ("Headers: X-Old", "secret", null)], changes.Select(c => (c.Field, c.Before, c.After)));
    }

    [Theory]
    [InlineData(null, """{"Ens:Retention:Days":"30"}""", "Ens:Retention:Days")]
    [InlineData("""{"role":"Admin"}""", null, "Role")]
    [InlineData("no JSON", null, "Entry")]
    public void What_came_and_what_went_is_told_whole(string? before, string? after, string field) => Assert.Equal(field, Assert.Single(AuditDifference.Of(before, after)).Field);

    [Fact]
    public void Every_action_that_the_program_notes_has_words_and_no_words_are_of_nothing()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "EnsAdmin.sln"))) root = root.Parent!;
        var sources = Directory.EnumerateFiles(Path.Combine(root.FullName, "EnsAdmin"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.EndsWith("AuditWords.cs", StringComparison.Ordinal) && !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).Select(File.ReadAllText);
        var noted = sources.SelectMany(s => Regex.Matches(s, "\"((?:webhook|replay|delivery|key|member|organization|user|settings|store|till|customer|import|directory)\\.[a-z][A-Za-z]+)\"")).Select(m => m.Groups[1].Value).ToHashSet();
        foreach (var action in sources.SelectMany(s => Regex.Matches(s, "\"{kind\\.One}\\.([a-z]+)\"")).Select(m => m.Groups[1].Value)) noted.UnionWith(DirectoryKind.All.Select(k => $"{k.One}.{action}"));
        Assert.Equal(noted.Order(), AuditWords.Actions.Select(a => a.Action).Order());
    }

    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("a \"quoted\", word", "\"a \"\"quoted\"\", word\"")]
    [InlineData("=HYPERLINK(\"http://evil.example\")", "\"'=HYPERLINK(\"\"http://evil.example\"\")\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-1", "\"'-1\"")]
    [InlineData("@SUM(1)", "\"'@SUM(1)\"")]
    [InlineData("  =1+1", "\"'  =1+1\"")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("＝1", "\"'＝1\"")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void A_cell_is_never_a_formula(string? value, string cell) => Assert.Equal(cell, AuditExport.Cell(value));

    [Fact]
    public void Days_are_those_of_the_organization()
    {
        var berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        var filter = new AuditQuery("2026-03-29", "2026-03-29", " ", "", null, "x").Filter(berlin);
        Assert.Equal((new DateTimeOffset(2026, 3, 28, 23, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 3, 29, 22, 0, 0, TimeSpan.Zero)), (filter.Since!.Value, filter.Until!.Value));
        Assert.Equal(new AuditFilter(), filter with { Since = null, Until = null });
        Assert.Equal(new AuditFilter(), new AuditQuery("yesterday", "9999-12-31", null, null, null).Filter(berlin));
    }
}
