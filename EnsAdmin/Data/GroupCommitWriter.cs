using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using static EnsAdmin.Data.SqliteCodes;

namespace EnsAdmin.Data;

/// <summary>Thrown to a caller whose work could not be taken because the writer has stopped.</summary>
public sealed class WriterStoppedException() : Exception("The writer has stopped.");

/// <summary>
/// One thread writes for all: it takes whatever waits (events, claims, results), runs it in one transaction and answers everyone after the commit.
/// Work is a function of the database alone, since it is run again by itself when a neighbour fails.
/// </summary>
public sealed partial class GroupCommitWriter(string connectionString, WriterMetrics metrics, TimeProvider time, ILogger<GroupCommitWriter> log) : IDisposable
{
    private const int QueueLength = 8192;
    private const int MaxWorkPerCommit = 512;
    // Busy, locked, read-only, I/O error, full, can't open, protocol, no database: it is not the work's fault, so no work can do better alone. (A damaged page concerns only who needs it.)
    private static readonly HashSet<int> OfTheDatabase = [5, 6, 8, 10, 13, 14, 15, 26];
    private static readonly TimeSpan BetweenWords = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongCommit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LockPatienceWhileFailing = TimeSpan.FromSeconds(1);

    private readonly Channel<Work> _queue = Channel.CreateBounded<Work>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly Lock _starting = new();
    private Thread? _thread;
    private volatile WebhookSet _webhooks = WebhookSet.Empty;
    private long _webhooksVersion = -1;
    private volatile Exception? _failure;
    private long? _saidDamaged;
    private SqliteDirectory? _directory;

    /// <summary>The webhooks as of the newest transaction.</summary>
    public WebhookSet Webhooks => _webhooks;

    /// <summary>Another number after each commit by which a store or a till may have changed: before any event that came in after it is sent.</summary>
    public long DirectoryPlaces => _directory?.Places ?? 0;

    /// <summary>Whether the newest commit that had something to write failed for the database's sake.</summary>
    public bool IsFailing => _failure is not null;

    /// <summary>Why it failed, in SQLite's words; null where it did not.</summary>
    public string? Failure => _failure?.Message.TrimEnd('.');

    /// <summary>Opens the database and starts the thread; the schema must be there.</summary>
    public void Start()
    {
        lock (_starting)
        {
            if (_thread is not null) return;
            var sql = new SqliteHotPath(connectionString);
            sql.WaitForLocks(LockPatience);
            _directory = sql.Directory;
            _thread = new Thread(() => Run(sql)) { IsBackground = true, Name = "Group commit" };
            _thread.Start();
        }
    }

    /// <summary>Runs the work in the next transaction; completes when it is on disk. Waits while the queue is full.</summary>
    /// <exception cref="WriterStoppedException">The program is stopping.</exception>
    public async Task<T> RunAsync<T>(Func<SqliteHotPath, T> work)
    {
        var item = new Work<T>(work);
        while (!_queue.Writer.TryWrite(item))
        {
            if (!await _queue.Writer.WaitToWriteAsync()) throw new WriterStoppedException();
        }

        return await item.Done;
    }

    /// <summary>The same for work that can be refused: null at once when the queue is full.</summary>
    /// <exception cref="SqliteException">The database fails; it isn't tried again with this work.</exception>
    public Task<T>? TryRunAsync<T>(Func<SqliteHotPath, T> work)
    {
        if (_failure is { } failure) return Task.FromException<T>(failure);
        var item = new Work<T>(work);
        return _queue.Writer.TryWrite(item) ? item.Done : null;
    }

    /// <summary>Finds out whether a database that failed can be written again: those who could wait are turned away meanwhile.</summary>
    public Task ProbeAsync() => IsFailing ? RunAsync(sql => sql.Care.Probe()) : Task.CompletedTask;

    /// <summary>Makes <see cref="Webhooks"/> at least as new as the moment of the call.</summary>
    public Task RefreshWebhooksAsync() => RunAsync(_ => true);

    /// <summary>A webhook as it is at the moment of the call, though it was saved only now; null when the organization has none of this id, or no more.</summary>
    public async Task<WebhookSnapshot?> FindWebhookAsync(int orgId, string id)
    {
        await RefreshWebhooksAsync();
        return Webhooks.Find(id) is { } webhook && webhook.OrgId == orgId ? webhook : null;
    }

    /// <summary>Finishes what is queued, then ends the thread.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _thread?.Join();
        while (_queue.Reader.TryRead(out var left)) left.Fail(new WriterStoppedException());
    }

    private void Run(SqliteHotPath sql)
    {
        using (sql)
        {
            var batch = new List<Work>();
            while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                batch.Clear();
                while (batch.Count < MaxWorkPerCommit && _queue.Reader.TryRead(out var work)) batch.Add(work);
                if (TryCommit(sql, batch) is not { } failure) continue;
                if (batch.Count == 1 || failure is SqliteException { SqliteErrorCode: var code } && OfTheDatabase.Contains(code)) foreach (var work in batch) work.Fail(failure);
                else foreach (var work in batch) if (TryCommit(sql, [work]) is { } own) work.Fail(own);
            }
        }
    }

    private Exception? TryCommit(SqliteHotPath sql, List<Work> batch)
    {
        var begun = false;
        var changes = sql.Changes;
        var started = time.GetTimestamp();
        try
        {
            sql.Begin();
            begun = true;
            FollowOthers(sql);
            foreach (var work in batch) work.Execute(sql);
            var breaches = sql.Commit();
            var took = time.GetElapsedTime(started);
            metrics.Committed(batch.Count, took, breaches);
            if (took > LongCommit) CommitTook(took.TotalSeconds);
        }
        catch (Exception e)
        {
            if (begun) RollBack(sql);
            SayDamaged(e);
            if (e is SqliteException { SqliteErrorCode: not (Corrupt or Constraint) } && !IsFailing)
            {
                CommitsFail(e.Message.TrimEnd('.'));
                _failure = e;
                sql.WaitForLocks(LockPatienceWhileFailing);
            }

            return e;
        }

        if (IsFailing && sql.Changes != changes)
        {
            CommitsAgain();
            _failure = null;
            sql.WaitForLocks(LockPatience);
        }

        foreach (var work in batch) work.Answer();
        return null;
    }

    // Webhooks, and the directory where a person edits it, are written by other connections: their commits show in the version, and inside our transaction there can be no later one.
    private void FollowOthers(SqliteHotPath sql)
    {
        var version = sql.DataVersion();
        if (version == _webhooksVersion) return;
        _webhooks = sql.LoadWebhooks();
        sql.Directory.ForgetAll();
        _webhooksVersion = version;
    }

    private void SayDamaged(Exception e)
    {
        if (e is not SqliteException { SqliteErrorCode: Corrupt } || _saidDamaged is { } last && time.GetElapsedTime(last) < BetweenWords) return;
        _saidDamaged = time.GetTimestamp();
        Damaged(e.Message.TrimEnd('.'));
    }

    private static void RollBack(SqliteHotPath sql)
    {
        try
        {
            sql.Rollback();
        }
        catch (SqliteException)
        {
            // SQLite has rolled back by itself, as it does after a full disk.
        }
    }

    [LoggerMessage(LogLevel.Error, "The database cannot be written: {Reason}. Events are refused and results wait until it can")]
    private partial void CommitsFail(string reason);

    [LoggerMessage(LogLevel.Critical, "The database is damaged: {Reason}. What needs the damaged part fails, the rest goes on. Stop EnsAdmin and put a backup in its place")]
    private partial void Damaged(string reason);

    [LoggerMessage(LogLevel.Warning, "A commit took {Seconds:0.0} s: another program locked the database, or the disk was slow. Nothing is lost; who published meanwhile has waited")]
    private partial void CommitTook(double seconds);

    [LoggerMessage(LogLevel.Information, "The database can be written again")]
    private partial void CommitsAgain();

    private abstract class Work
    {
        public abstract void Execute(SqliteHotPath sql);
        public abstract void Answer();
        public abstract void Fail(Exception e);
    }

    private sealed class Work<T>(Func<SqliteHotPath, T> work) : Work
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Task<T> Done => _done.Task;

        public override void Execute(SqliteHotPath sql) => _result = work(sql);
        public override void Answer() => _done.TrySetResult(_result);
        public override void Fail(Exception e) => _done.TrySetException(e);
    }
}
