using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace EnsAdmin.Data;

/// <summary>What was read beside the writer.</summary>
/// <param name="Mark">As <see cref="DirectoryChanges.Mark"/> was before.</param>
public sealed record ReadAhead(long Mark, DirectoryFacts Facts);

/// <summary>
/// Looks things up for a request before its turn at the writer, on connections of its own: the one thread that writes for all has only to see that nothing of it was
/// changed since (<see cref="DirectoryChanges"/>).
/// </summary>
public sealed class DirectoryAhead(string connectionString, GroupCommitWriter writer) : IDisposable
{
    private const int MostIdle = 4;
    private readonly ConcurrentBag<Reader> _idle = [];

    /// <param name="needs">Gets the stores of its tills.</param>
    /// <returns>Null where it can't be read; the writer looks for itself then.</returns>
    public ReadAhead? Look(int orgId, DirectoryNeeds needs)
    {
        if (writer.DirectoryChanges is not { } changes) return null;
        Reader? reader = null;
        try
        {
            if (!_idle.TryTake(out reader)) reader = new Reader(connectionString);
            var mark = changes.Mark;
            var ahead = new ReadAhead(mark, reader.Look(orgId, needs, changes, mark));
            if (_idle.Count >= MostIdle) return ahead;
            _idle.Add(reader);
            reader = null;
            return ahead;
        }
        catch (SqliteException)
        {
            return null;
        }
        finally
        {
            reader?.Dispose();
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var reader)) reader.Dispose();
    }

    private sealed class Reader : IDisposable
    {
        private readonly SqliteConnection _connection;
        private readonly List<Statement> _prepared = [];
        private readonly SqliteDirectory _directory;
        private long _placesSince;

        public Reader(string connectionString)
        {
            _connection = new SqliteConnection(connectionString);
            _connection.Open();
            _directory = new SqliteDirectory(Prepare);
        }

        public DirectoryFacts Look(int orgId, DirectoryNeeds needs, DirectoryChanges changes, long mark)
        {
            // Stores and tills are few and seldom change: they are remembered until one does.
            if (changes.NewestPlace > _placesSince)
            {
                _directory.ForgetAll();
                _placesSince = mark;
            }

            return _directory.Look(orgId, needs);
        }

        public void Dispose()
        {
            foreach (var statement in _prepared) statement.Dispose();
            _connection.Dispose();
        }

        private Statement Prepare(string sql)
        {
            var statement = new Statement(_connection.Handle!, sql, () => { });
            _prepared.Add(statement);
            return statement;
        }
    }
}
