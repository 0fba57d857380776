using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Data;

/// <summary>Keeps SQLite's write-ahead log short where overlapping readers would let it grow for ever.</summary>
public sealed partial class WriteAheadLog(DataDirectory directory, IOptions<StorageOptions> options, ILogger<WriteAheadLog> log)
{
    private const int PatienceMs = 1000;

    private readonly long _most = options.Value.MaxWalMegabytes * 1024L * 1024;
    private bool _told;

    /// <summary>Begins the log anew if it has grown; whoever reads from it for long prevents that, and is told of in the program's log.</summary>
    public void Check()
    {
        var file = new FileInfo(directory.File + "-wal");
        if (!file.Exists || file.Length <= _most) return;
        var megabytes = file.Length / (1024 * 1024);
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder(directory.ConnectionString) { Pooling = false }.ToString());
        connection.Open();
        // New readers are led past the log while this waits for those that read from it, and the writer waits as well: not for long.
        SQLitePCL.raw.sqlite3_busy_timeout(connection.Handle, PatienceMs);
        using var checkpoint = new SqliteCommand("PRAGMA wal_checkpoint(TRUNCATE)", connection);
        using var result = checkpoint.ExecuteReader();
        var held = result.Read() && result.GetInt64(0) != 0;
        if (held && !_told) Held(megabytes);
        if (!held && _told) BegunAnew(megabytes);
        _told = held;
    }

    [LoggerMessage(LogLevel.Warning, "The database's write-ahead log has grown to {Megabytes} MB: another program has been reading the database for long")]
    private partial void Held(long megabytes);

    [LoggerMessage(LogLevel.Information, "The database's write-ahead log, of {Megabytes} MB, could be begun anew")]
    private partial void BegunAnew(long megabytes);
}
