using Microsoft.Data.Sqlite;

namespace EnsAdmin.Data;

/// <summary>
/// How far the audit has come. Whatever changes an organization or a key adds to it in the same transaction, here and in other processes, so that whoever keeps
/// them in memory sees by this one number whether to look again, however much else is committed. Not safe for threads.
/// </summary>
public sealed class AuditPosition : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _read;

    public AuditPosition(DataDirectory directory)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder(directory.ConnectionString) { Pooling = false }.ToString());
        _connection.Open();
        _read = new SqliteCommand("SELECT COALESCE(MAX(Id), 0) FROM AuditEntries", _connection);
    }

    public long Read() => (long)_read.ExecuteScalar()!;

    public void Dispose()
    {
        _read.Dispose();
        _connection.Dispose();
    }
}
