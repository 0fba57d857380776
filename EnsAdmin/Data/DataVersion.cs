using Microsoft.Data.Sqlite;

namespace EnsAdmin.Data;

/// <summary>A number that changes whenever anybody else has committed, here or in another process. Not safe for threads.</summary>
public sealed class DataVersion : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _read;

    public DataVersion(DataDirectory directory)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder(directory.ConnectionString) { Pooling = false }.ToString());
        _connection.Open();
        _read = new SqliteCommand("PRAGMA data_version", _connection);
    }

    public long Read() => (long)_read.ExecuteScalar()!;

    public void Dispose()
    {
        _read.Dispose();
        _connection.Dispose();
    }
}
