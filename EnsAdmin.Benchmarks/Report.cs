using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace EnsAdmin.Benchmarks;

/// <summary>One line of the table: a ratio against a baseline of the same run.</summary>
/// <param name="Ratio">Null where it was not run.</param>
/// <param name="AtLeast">Whether the goal is a least (else a most).</param>
/// <param name="Words">Both figures, or why it was not run.</param>
internal sealed record Row(string Name, double? Ratio, double Goal, bool AtLeast, string Words)
{
    public bool Met => Ratio is { } r && (AtLeast ? r >= Goal : r <= Goal);
}

internal static class Report
{
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The median of ratios of pairs that were measured one right after the other, with the medians of both.</summary>
    public static Row Of(string name, IReadOnlyList<(double Ours, double Theirs)> pairs, double goal, bool atLeast, string unit) => new(name, Median(pairs.Select(p => p.Ours / p.Theirs)), goal, atLeast,
        string.Create(CultureInfo.InvariantCulture, $"{Median(pairs.Select(p => p.Ours)):0.##} {unit} against {Median(pairs.Select(p => p.Theirs)):0.##}; ratios {string.Join(" ", pairs.Select(p => $"{p.Ours / p.Theirs:0.00}"))}"));

    public static string Machine()
    {
        var cpu = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() : null;
        return string.Create(CultureInfo.InvariantCulture, $"{cpu ?? RuntimeInformation.ProcessArchitecture.ToString()}, {Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:0.0} GB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}; fsync of 4 KiB: median {FsyncMs():0.00} ms");
    }

    public static void Print(IEnumerable<Row> rows)
    {
        Console.WriteLine();
        Console.WriteLine("| what | ratio | goal | met | figures |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var row in rows) Print(row);
    }

    public static void Print(Row row) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| {row.Name} | {(row.Ratio is { } r ? $"{r:0.00}" : "not run")} | {(row.AtLeast ? "at least" : "at most")} {row.Goal:0.##} | {(row.Met ? "yes" : "no")} | {row.Words} |"));

    public static void Write(string file, IEnumerable<Row> rows) => File.WriteAllText(file, JsonSerializer.Serialize(rows.Select(r => new { name = r.Name, ratio = r.Ratio, goal = r.Goal, met = r.Met })));

    private static double FsyncMs()
    {
        var path = Path.GetTempFileName();
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose);
        var times = new List<double>();
        for (var i = 0; i < 50; i++)
        {
            file.Write(new byte[4096]);
            var started = System.Diagnostics.Stopwatch.GetTimestamp();
            file.Flush(flushToDisk: true);
            times.Add(System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return Median(times);
    }
}
