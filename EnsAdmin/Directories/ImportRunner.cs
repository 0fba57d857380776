using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Directories;

/// <summary>
/// Carries out imports, one after the other in the order in which they came, whoever added them: a page here or the command line in a process of its own. What a
/// former process left unfinished goes on where it was.
/// </summary>
public sealed partial class ImportRunner(EnsContexts contexts, GroupCommitWriter writer, ImportFiles files, ImportBell bell, DiskSpace disk, Audit audit, ChangeFeed changes, TimeProvider time, ILogger<ImportRunner> log) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan ComingIn = TimeSpan.FromDays(1);
    private static readonly ImportState[] Unfinished = [ImportState.Waiting, ImportState.Checking, ImportState.Writing];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // The start does not wait for it.
        var sweepAt = time.GetUtcNow();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (time.GetUtcNow() >= sweepAt)
                {
                    sweepAt = time.GetUtcNow() + SweepEvery;
                    await SweepAsync(stoppingToken);
                }

                if (await NextAsync(stoppingToken) is { } job)
                {
                    await RunAsync(job, stoppingToken);
                    sweepAt = time.GetUtcNow();
                }
                else await bell.WaitAsync(Look, stoppingToken);
            }
            catch (Exception e) when (e is WriterStoppedException || stoppingToken.IsCancellationRequested)
            {
                return; // The program stops; the next start goes on.
            }
            catch (Exception e)
            {
                if (e is not (SqliteException or DbUpdateException)) PassFailed(e);
                await Task.Delay(AfterFailure, time, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default); // The writer says that the database fails.
            }
        }
    }

    /// <summary>Runs a job to its end, from wherever it is. The writer must have been started.</summary>
    public async Task RunAsync(ImportJob job, CancellationToken cancel)
    {
        try
        {
            var kind = DirectoryKind.Find(job.Kind) ?? throw new InvalidDataException($"Nobody knows how to import {job.Kind}.");
            if (job.State == ImportState.Waiting) job = await BeginAsync(job, job.DryRun || job.AllOrNothing ? ImportState.Checking : ImportState.Writing, cancel);
            var origin = FactOrigin.Imported(job.Id, job.StartedAt ?? job.CreatedAt);
            if (job.State == ImportState.Checking)
            {
                var (goesOn, refused) = await PassAsync(job, kind, origin, (pass, file) => pass.CheckAsync(file, job.DryRun, cancel));
                if (goesOn && (job.DryRun || refused > 0)) await EndAsync(job, job.DryRun ? ImportState.Done : ImportState.Refused, null, cancel);
                else if (goesOn) job = await BeginAsync(job, ImportState.Writing, cancel);
            }

            if (job.State == ImportState.Writing && (await PassAsync(job, kind, origin, (pass, file) => pass.WriteAsync(file, cancel))).GoesOn) await EndAsync(job, ImportState.Done, null, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is not (WriterStoppedException or DbUpdateException or SqliteException { SqliteErrorCode: not SqliteCodes.Constraint }))
        {
            // Whatever it is, it is this file's own fault and would be the same at the next try.
            if (e is not UnreadableFileException) Broken(e, job.Id);
            await EndAsync(job, ImportState.Failed, e switch
            {
                UnreadableFileException => e.Message,
                IOException or UnauthorizedAccessException => "The file could not be read any more, or the list of its refused lines not be written.",
                _ => "Something went wrong that should not; the log of the program says what.",
            }, cancel);
        }

        files.Delete(job.Id);
        changes.Publish(Topics.Imports(job.OrgId));
    }

    /// <summary>Runs what is unfinished, until this job has ended: for a process that has the data directory to itself.</summary>
    public async Task RunUntilAsync(long jobId, CancellationToken cancel)
    {
        while (await NextAsync(cancel) is { } job && job.Id <= jobId) await RunAsync(job, cancel);
    }

    /// <exception cref="UnreadableFileException">The file is not what it should be, or the disk has become full.</exception>
    private async Task<(bool GoesOn, long Refused)> PassAsync(ImportJob job, DirectoryKind kind, FactOrigin origin, Func<ImportPass, Stream, Task<bool>> run)
    {
        await using var file = new FileStream(files.Of(job.Id), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, FileOptions.SequentialScan);
        using var refused = new RefusedFile(files.RefusedOf(job.Id));
        var pass = new ImportPass(writer, job, kind, origin, refused, disk, changes);
        var goesOn = await run(pass, file);
        return pass.Trouble is null ? (goesOn, pass.Refused) : throw new UnreadableFileException(pass.Trouble);
    }

    private async Task<ImportJob?> NextAsync(CancellationToken cancel)
    {
        await using var db = contexts.OfInstallation();
        return await db.ImportJobs.AsNoTracking().Where(j => Unfinished.Contains(j.State)).OrderBy(j => j.Id).FirstOrDefaultAsync(cancel);
    }

    /// <returns>The job as it is now, which somebody may have cancelled.</returns>
    private async Task<ImportJob> BeginAsync(ImportJob job, ImportState state, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var db = contexts.Of(job.OrgId);
        await db.ImportJobs.Where(j => j.Id == job.Id && j.State == job.State).ExecuteUpdateAsync(s => s.SetProperty(j => j.State, state).SetProperty(j => j.StartedAt, now)
            .SetProperty(j => j.BytesRead, 0).SetProperty(j => j.Refused, 0), cancel);
        changes.Publish(Topics.Imports(job.OrgId));
        return await db.ImportJobs.AsNoTracking().SingleAsync(j => j.Id == job.Id, cancel);
    }

    private async Task EndAsync(ImportJob job, ImportState state, string? reason, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var db = contexts.Of(job.OrgId);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.ImportJobs.Where(j => j.Id == job.Id && Unfinished.Contains(j.State))
            .ExecuteUpdateAsync(s => s.SetProperty(j => j.State, state).SetProperty(j => j.EndedAt, now).SetProperty(j => j.Reason, reason), cancel) == 0) return;
        var ended = await db.ImportJobs.AsNoTracking().SingleAsync(j => j.Id == job.Id, cancel);
        audit.Add(db, new Actor(ended.CreatedBy), ended.OrgId, "import.ended", $"import {ended.Id}", null, new { status = ImportWords.Say(ended), ended.Added, ended.Changed, ended.Unchanged, ended.Refused });
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
    }

    /// <summary>Deletes jobs that ended long ago, and files that nobody needs.</summary>
    private async Task SweepAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var db = contexts.OfInstallation();
        var long_ = now - Kept;
        await db.ImportJobs.Where(j => j.EndedAt < long_).ExecuteDeleteAsync(cancel);
        var jobs = await db.ImportJobs.Select(j => new { j.Id, j.State }).ToListAsync(cancel);
        files.Sweep(jobs.Where(j => Unfinished.Contains(j.State)).Select(j => j.Id).ToHashSet(), jobs.Select(j => j.Id).ToHashSet(), now - ComingIn);
    }

    [LoggerMessage(LogLevel.Error, "Import {JobId} failed")]
    private partial void Broken(Exception e, long jobId);

    [LoggerMessage(LogLevel.Error, "Imports could not be looked after; it is tried again")]
    private partial void PassFailed(Exception e);
}
