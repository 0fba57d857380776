using System.Globalization;
using EnsAdmin.Domain;
using EnsAdmin.Shared;

namespace EnsAdmin.Directories;

/// <summary>Imports in the words of the screens and of the command line.</summary>
internal static class ImportWords
{
    /// <summary>Where it stands, in a word or two.</summary>
    public static string Say(ImportJob job) => job.State switch
    {
        ImportState.Waiting => "Waiting",
        ImportState.Checking => "Checking",
        ImportState.Writing => "Importing",
        ImportState.Done => job.DryRun ? "Dry run done" : "Done",
        ImportState.Refused => "Nothing imported",
        ImportState.Cancelled => "Cancelled",
        _ => "Failed",
    };

    /// <summary>The same as a chip: of an end with refused lines it says how many, and is no plain success.</summary>
    public static (StatusKind Kind, string Text) Chip(ImportJob job) => job.State switch
    {
        ImportState.Done when job.Refused > 0 => (StatusKind.Retrying, string.Create(CultureInfo.InvariantCulture, $"{Say(job)}, {job.Refused:N0} refused")),
        ImportState.Done => (StatusKind.Success, Say(job)),
        ImportState.Failed or ImportState.Refused => (StatusKind.Failed, Say(job)),
        ImportState.Cancelled => (StatusKind.Inactive, Say(job)),
        _ => (StatusKind.Pending, Say(job)),
    };

    /// <summary>What there is to say of the list of refused lines: how many it holds, where that is not all of them.</summary>
    public static string? Listed(ImportJob job) => job.Refused <= RefusedFile.MaxLines ? null
        : string.Create(CultureInfo.InvariantCulture, $"The first {RefusedFile.MaxLines:N0} refused lines are listed; {job.Refused - RefusedFile.MaxLines:N0} more are not.");

    /// <summary>Percent of the file that is read.</summary>
    public static double Percent(ImportJob job) => job.Bytes == 0 ? 100 : Math.Clamp(100.0 * job.BytesRead / job.Bytes, 0, 100);

    public static string Progress(ImportJob job) => string.Create(CultureInfo.InvariantCulture, $"{Say(job)}: {Percent(job):0} %, {job.Counts.Lines:N0} lines");

    /// <summary>"80 MB".</summary>
    public static string Size(long bytes) => bytes switch
    {
        < 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"),
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024} KB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024 * 1024.0):0.#} MB"),
    };
}

/// <summary>How quickly an import goes on, from what is seen of it now and then. Times in UTC.</summary>
internal sealed class ImportPace
{
    private const int Samples = 10;

    private readonly Queue<(DateTimeOffset At, long Bytes, long Lines)> _seen = new();

    public void See(ImportJob job, DateTimeOffset at)
    {
        if (_seen.Count > 0 && job.BytesRead < _seen.Last().Bytes) _seen.Clear(); // The second reading has begun.
        _seen.Enqueue((at, job.BytesRead, job.Counts.Lines));
        if (_seen.Count > Samples) _seen.Dequeue();
    }

    /// <summary>Lines in a second; null while nothing can be said.</summary>
    public double? Rate => Over() is { } o && o.Lines > 0 ? o.Lines / o.Seconds : null;

    /// <summary>Null while nothing can be said.</summary>
    public TimeSpan? Left(ImportJob job) => Over() is { } o && o.Bytes > 0 ? TimeSpan.FromSeconds((job.Bytes - job.BytesRead) * o.Seconds / o.Bytes) : null;

    private (double Seconds, long Bytes, long Lines)? Over()
    {
        if (_seen.Count < 2) return null;
        var (first, last) = (_seen.Peek(), _seen.Last());
        var seconds = (last.At - first.At).TotalSeconds;
        return seconds <= 0 ? null : (seconds, last.Bytes - first.Bytes, last.Lines - first.Lines);
    }
}
