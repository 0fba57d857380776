using System.Collections.Concurrent;
using EnsAdmin.Domain;
using Microsoft.Data.Sqlite;

namespace EnsAdmin.Data;

/// <summary>Looks up what the directory knew when events came in, on connections of its own beside the writer.</summary>
public sealed class DirectoryReaders(string connectionString, GroupCommitWriter writer) : IDisposable
{
    private const int MostIdle = 4;
    private readonly ConcurrentBag<Reader> _idle = [];

    /// <returns>By the places of the questions: what was known or, where the payload has been made meanwhile, that.</returns>
    /// <exception cref="SqliteException">The database can't be read.</exception>
    public (DirectoryFacts Known, MadePayload? Made)[] Look(IReadOnlyList<DirectoryQuestion> questions)
    {
        if (questions.Count == 0) return [];
        if (!_idle.TryTake(out var reader)) reader = new Reader(connectionString);
        try
        {
            var answers = reader.Look(questions, writer.DirectoryPlaces);
            if (_idle.Count >= MostIdle) return answers;
            _idle.Add(reader);
            reader = null;
            return answers;
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
        private readonly Statement _begin, _commit, _made;
        private readonly SqliteDirectory _directory;
        private long _places = -1;

        public Reader(string connectionString)
        {
            _connection = new SqliteConnection(connectionString);
            _connection.Open();
            (_begin, _commit) = (Prepare("BEGIN"), Prepare("COMMIT"));
            _made = Prepare("SELECT b.Id, b.Body, b.Unknown FROM json_each(?1) j CROSS JOIN EnrichedBodies b ON b.Id = j.value");
            _directory = new SqliteDirectory(Prepare);
        }

        /// <param name="places">As <see cref="GroupCommitWriter.DirectoryPlaces"/>: stores and tills are few and seldom change, so that they are remembered until one does.</param>
        public (DirectoryFacts, MadePayload?)[] Look(IReadOnlyList<DirectoryQuestion> questions, long places)
        {
            if (places != _places) _directory.ForgetAll();
            _places = places;
            // As of one moment: what is not made in it finds all that it needs. And what was read of the way to one customer serves for all.
            _begin.Execute();
            try
            {
                var made = _made.Read(r => (Id: r.Long(0), Payload: new MadePayload(r.BlobOrNull(1), r.TextOrNull(2))), SqliteDirectory.Json(questions.Select(q => q.EnrichedId)));
                var known = _directory.Look(questions);
                return [.. questions.Select((q, i) => (known[i], made.Find(m => m.Id == q.EnrichedId).Payload))];
            }
            finally
            {
                _commit.Execute();
            }
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
