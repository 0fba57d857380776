using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Directories;

/// <summary>What an import is to be.</summary>
/// <param name="FileName">As whoever sends it calls it.</param>
/// <param name="Mapping">As <see cref="ImportJob.Mapping"/>.</param>
public sealed record NewImport(DirectoryKind Kind, string FileName, ImportFormat Format, IReadOnlyDictionary<string, string>? Mapping, bool AllOrNothing, bool DryRun)
{
    /// <summary>NDJSON by the ending of the name, else CSV.</summary>
    public static ImportFormat FormatOf(string fileName) => Path.GetExtension(fileName).ToLowerInvariant() is ".ndjson" or ".jsonl" or ".json" ? ImportFormat.Ndjson : ImportFormat.Csv;
}

/// <summary>A page of the imports, and how many there are.</summary>
public sealed record ImportRows(IReadOnlyList<ImportJob> Jobs, int Page, int Total);

/// <summary>Keeps the imports of an organization; <see cref="ImportRunner"/> carries them out.</summary>
public sealed class ImportStore(EnsContexts contexts, ImportFiles files, ImportBell bell, Audit audit, ChangeFeed changes, TimeProvider time)
{
    private const int MaxNameLength = 200;

    /// <param name="incoming">The path of the file, as <see cref="ImportFiles.Incoming"/> gave it; it is the job's from here on.</param>
    public async Task<ImportJob> AddAsync(int orgId, NewImport import, string incoming, Actor by, CancellationToken cancel = default)
    {
        var name = Path.GetFileName(import.FileName) is { Length: > 0 } given ? given[..Math.Min(given.Length, MaxNameLength)] : "file";
        await using var db = contexts.Of(orgId);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var job = new ImportJob(orgId, import.Kind.Name, name, import.Format, import.Mapping, import.AllOrNothing, import.DryRun, new FileInfo(incoming).Length, by.Name, time.GetUtcNow());
        db.ImportJobs.Add(job);
        await db.SaveChangesAsync(cancel);
        audit.Add(db, by, orgId, "import.added", $"import {job.Id}", null, new { job.Kind, job.FileName, job.AllOrNothing, job.DryRun });
        await db.SaveChangesAsync(cancel);
        files.Keep(incoming, job.Id);
        await transaction.CommitAsync(cancel);
        changes.Publish(Topics.Imports(orgId));
        bell.Ring();
        return job;
    }

    /// <summary>Newest first.</summary>
    /// <param name="page">From 0; beyond the last one it is the last.</param>
    public async Task<ImportRows> PageAsync(int orgId, int page, int size, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        var total = await db.ImportJobs.CountAsync(cancel);
        page = Math.Clamp(page, 0, Math.Max(0, (total - 1) / size));
        return new ImportRows(await db.ImportJobs.AsNoTracking().OrderByDescending(j => j.Id).Skip(page * size).Take(size).ToListAsync(cancel), page, total);
    }

    /// <summary>Null where there is none.</summary>
    public async Task<ImportJob?> FindAsync(int orgId, long id, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        return await db.ImportJobs.AsNoTracking().SingleOrDefaultAsync(j => j.Id == id, cancel);
    }

    /// <summary>Ends an import; what it has written stays.</summary>
    /// <returns>False where it has ended, or is past that.</returns>
    public async Task<bool> CancelAsync(int orgId, long id, Actor by, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        if (await db.ImportJobs.SingleOrDefaultAsync(j => j.Id == id, cancel) is not { } job || !job.Cancel(time.GetUtcNow())) return false;
        audit.Add(db, by, orgId, "import.cancelled", $"import {id}", null, null);
        await db.SaveChangesAsync(cancel);
        changes.Publish(Topics.Imports(orgId));
        return true;
    }
}

/// <summary>Wakes the <see cref="ImportRunner"/> when an import was added here.</summary>
public sealed class ImportBell : IDisposable
{
    private readonly SemaphoreSlim _rung = new(0, 1);

    public void Ring()
    {
        try
        {
            _rung.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is rung already.
        }
    }

    public Task WaitAsync(TimeSpan atMost, CancellationToken cancel) => _rung.WaitAsync(atMost, cancel);

    public void Dispose() => _rung.Dispose();
}
