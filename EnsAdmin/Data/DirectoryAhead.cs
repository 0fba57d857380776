using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace EnsAdmin.Data;

/// <summary>What was read beside the writer.</summary>
/// <param name="Mark">As <see cref="DirectoryChanges.Mark"/> was before.</param>
/// <param name="Needs">With the stores of the tills.</param>
public sealed record ReadAhead(long Mark, DirectoryNeeds Needs, DirectoryFacts Facts);

/// <summary>
/// Looks things up for a request before its turn at the writer, on connections of its own: the one thread that writes for all has only to see that nothing of it was
/// changed since (<see cref="DirectoryChanges"/>).
/// </summary>
public sealed class DirectoryAhead(string connectionString, GroupCommitWriter writer) : IDisposable
{
    private const int MostIdle = 4;
    private readonly ConcurrentBag<Reader> _idle = [];

    /// <summary>Null where it can't be read; the writer looks for itself then.</summary>
    public ReadAhead? Look(int orgId, DirectoryNeeds needs)
    {
        if (writer.DirectoryChanges is not { } changes) return null;
        Reader? reader = null;
        try
        {
            if (!_idle.TryTake(out reader)) reader = new Reader(connectionString);
            var mark = changes.Mark;
            var ahead = new ReadAhead(mark, needs, reader.Look(orgId, needs, changes, mark));
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
        private readonly SqliteDirectory _places, _people;
        private long _placesSince;

        public Reader(string connectionString)
        {
            _connection = new SqliteConnection(connectionString);
            _connection.Open();
            (_places, _people) = (new SqliteDirectory(Prepare), new SqliteDirectory(Prepare));
        }

        public DirectoryFacts Look(int orgId, DirectoryNeeds needs, DirectoryChanges changes, long mark)
        {
            // Stores and tills are few and seldom change: they are remembered until one does.
            if (changes.NewestPlace > _placesSince)
            {
                _places.ForgetAll();
                _placesSince = mark;
            }

            _people.ForgetAll();
            var (places, people) = (new DirectoryNeeds(), new DirectoryNeeds());
            places.Tills.UnionWith(needs.Tills);
            places.Stores.UnionWith(needs.Stores);
            people.Customers.UnionWith(needs.Customers);
            people.PointsOf.UnionWith(needs.PointsOf);
            people.Awards.UnionWith(needs.Awards);
            var (ofPlaces, ofPeople) = (_places.Look(orgId, places), _people.Look(orgId, people));
            needs.Stores.UnionWith(places.Stores);
            return new DirectoryFacts(ofPlaces.Tills) { Stores = ofPlaces.Stores, Customers = ofPeople.Customers, Points = ofPeople.Points, Awards = ofPeople.Awards };
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
