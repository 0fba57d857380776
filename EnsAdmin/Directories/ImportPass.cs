using System.Globalization;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Shared;

namespace EnsAdmin.Directories;

/// <summary>
/// One reading of a job's file from its first line to its last. Lines that a former run has written are passed over: they are cheap to read, and the refused
/// ones among them, and the ids that were seen, come out the same.
/// </summary>
internal sealed class ImportPass(GroupCommitWriter writer, ImportJob job, DirectoryKind kind, FactOrigin origin, RefusedFile refused, DiskSpace disk, ChangeFeed changes)
{
    /// <summary>Lines in one transaction: a few milliseconds, which live traffic has to wait for.</summary>
    private const int Piece = 500;

    private const int SendEvery = 5000;

    /// <summary>Lines whose words are sorted before they are written: a word's place in the index is anywhere, and by the piece the whole index would be written over and over.</summary>
    private const int IndexEvery = 40_000;

    private const int WordsAtOnce = 2000;

    private readonly HashSet<long> _seen = [];
    private List<DirectoryChange> _piece = new(Piece), _unindexed = [];
    private ImportCounts _counts;
    private long _sent;
    private Task<List<DirectoryChange>?>? _writing;

    public long Refused => _counts.Refused;

    /// <summary>Why it was broken off; null where it was not, or by somebody.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Reads all and writes nothing.</summary>
    /// <param name="count">Whether to look what would become of each good line.</param>
    /// <returns>False when the job is not to go on.</returns>
    /// <exception cref="UnreadableFileException">The file is not what it should be.</exception>
    public async Task<bool> CheckAsync(Stream file, bool count, CancellationToken cancel)
    {
        var (lines, bytes) = (0, 0L);
        foreach (var line in ImportLines.Read(file, kind, job.Format, job.Mapping))
        {
            bytes = line.BytesRead;
            if (Accept(line)) _piece.Add(line.Change!);
            if (++lines % Piece != 0) continue;
            cancel.ThrowIfCancellationRequested();
            if (!HasDisk(line.Number) || !await CheckedAsync(count, bytes)) return false;
        }

        return HasDisk(lines) && await CheckedAsync(count, Math.Max(bytes, file.Position));
    }

    /// <summary>Reads all, and writes what is good from where a former run stopped.</summary>
    /// <returns>False when the job is not to go on; what is written until then stays.</returns>
    /// <exception cref="UnreadableFileException">The file is not what it should be.</exception>
    public async Task<bool> WriteAsync(Stream file, CancellationToken cancel)
    {
        var (last, bytes, goesOn) = (0L, 0L, true);
        foreach (var line in ImportLines.Read(file, kind, job.Format, job.Mapping))
        {
            // Also where line after line is refused, somebody wants to see how far it is.
            if ((_piece.Count >= Piece || last - _sent >= SendEvery) && !(goesOn = await SendAsync(last, bytes, cancel))) break;
            (last, bytes) = (line.Number, line.BytesRead);
            if (!Accept(line) || last <= job.IndexedLine) continue;
            (last <= job.WrittenLine ? _unindexed : _piece).Add(line.Change!);
        }

        goesOn = goesOn && await SendAsync(last, Math.Max(bytes, file.Position), cancel);
        goesOn = await WrittenAsync() && goesOn;
        await IndexAsync(last);
        return goesOn;
    }

    private bool Accept(ImportLine line)
    {
        if (line.Change is { } change && !_seen.Add(change.Id))
            line = line with { Change = null, Faults = [new LineFault(kind.IdName, change.Id.ToString(CultureInfo.InvariantCulture), $"This {kind.IdName} stands on a line before; the first one counts.")] };
        if (line.Change is not null) return true;
        refused.Add(line);
        _counts = _counts with { Refused = _counts.Refused + 1 };
        return false;
    }

    private bool HasDisk(long line)
    {
        if (disk.IsLow) Trouble = string.Create(CultureInfo.InvariantCulture, $"Broken off at line {line:N0}, since less than {disk.Needed} of disk are free.");
        return Trouble is null;
    }

    private async Task<bool> CheckedAsync(bool count, long bytes)
    {
        var (piece, before) = (_piece, _counts);
        _piece = new(Piece);
        (var goesOn, _counts) = await writer.RunAsync(sql =>
        {
            var more = count ? sql.Directory.Count(job.OrgId, kind, piece, origin) : default;
            var counts = new ImportCounts(before.Added + more.Added, before.Changed + more.Changed, before.Unchanged + more.Unchanged, before.Refused);
            return (sql.Imports.Checked(job.Id, bytes, counts), counts);
        });
        return goesOn;
    }

    /// <summary>Hands the piece to the writer, as soon as it is done with the one before: meanwhile the next is read.</summary>
    private async Task<bool> SendAsync(long line, long bytes, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (job.AllOrNothing) await disk.WaitAsync(cancel); // It is half written, and is not broken off.
        else if (!HasDisk(line)) return false;
        if (!await WrittenAsync()) return false;
        if (_unindexed.Count >= IndexEvery) await IndexAsync(_sent);
        var (piece, refusedSoFar) = (_piece, _counts.Refused);
        _piece = new(Piece);
        _sent = line;
        _writing = writer.RunAsync(sql =>
        {
            if (!sql.Imports.IsWriting(job.Id)) return null;
            var added = new List<DirectoryChange>();
            sql.Imports.Written(job.Id, line, bytes, sql.Directory.Apply(job.OrgId, kind, piece, origin, added) with { Refused = refusedSoFar });
            return added;
        });
        return true;
    }

    private async Task<bool> WrittenAsync()
    {
        if (_writing is null) return true;
        var added = await _writing;
        _writing = null;
        if (added is null) return false;
        _unindexed.AddRange(added);
        changes.Publish(Topics.Directory(job.OrgId));
        return true;
    }

    private async Task IndexAsync(long line)
    {
        var words = new List<(string Word, long Id)>();
        var ofOne = new HashSet<string>();
        foreach (var change in _unindexed)
        {
            ofOne.Clear();
            SearchWords.Collect(kind, change.Values, ofOne);
            words.AddRange(ofOne.Select(word => (word, change.Id)));
        }

        _unindexed = [];
        words.Sort((a, b) => string.CompareOrdinal(a.Word, b.Word));
        foreach (var some in words.Chunk(WordsAtOnce))
        {
            await writer.RunAsync(sql =>
            {
                sql.Directory.Index(job.OrgId, kind, some);
                return true;
            });
        }

        await writer.RunAsync(sql =>
        {
            sql.Imports.Indexed(job.Id, line);
            return true;
        });
        changes.Publish(Topics.Directory(job.OrgId)); // Now they can be searched for.
    }
}
