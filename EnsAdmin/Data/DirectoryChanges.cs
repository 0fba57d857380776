using EnsAdmin.Domain;

namespace EnsAdmin.Data;

/// <summary>
/// Which records of the directory were changed lately: by it the writer knows whether what was read beside it, before its transaction, still holds. Written on the
/// writer's thread; <see cref="Mark"/> may be read on any.
/// </summary>
public sealed class DirectoryChanges(int size = DirectoryChanges.Size)
{
    /// <summary>In place of a kind's number: what changes is a customer's balance or award and no more.</summary>
    internal const int Told = 3;

    private const int Size = 65_536;

    private readonly Lock _lock = new();
    private Dictionary<Key, long> _young = [], _old = [];
    private long _running = 1, _ended, _floor, _oldUpTo, _newest;

    /// <summary>The newest transaction that has ended: what is read after this call has all that it wrote.</summary>
    public long Mark => Volatile.Read(ref _ended);

    /// <summary>The newest transaction that may have changed a store or a till.</summary>
    public long NewestPlace { get; private set; }

    /// <summary>How many changes there have been, of those transactions too that were undone.</summary>
    public long Count { get; private set; }

    /// <summary>Whether all of these, read since that mark, are as the running transaction would find them.</summary>
    public bool AreCurrent(int orgId, DirectoryNeeds needs, long mark)
    {
        lock (_lock)
        {
            if (mark < _floor) return false;
            if (mark >= _newest) return true;
            return Have(orgId, DirectoryKind.Stores.Number, needs.Stores, mark) && Have(orgId, DirectoryKind.Tills.Number, needs.Tills, mark) && Have(orgId, DirectoryKind.Customers.Number, needs.Customers, mark)
                && Have(orgId, Told, needs.Told, mark);
        }
    }

    internal void Changed(int orgId, int kind, long id)
    {
        lock (_lock)
        {
            if (_young.Count >= size / 2)
            {
                // What was read before the last change that is dropped may be older than it.
                _floor = Math.Max(_floor, _oldUpTo);
                (_young, _old, _oldUpTo) = ([], _young, _running);
            }

            Count++;
            _newest = _running;
            _young[new Key(orgId, kind, id)] = _running;
            if (kind < DirectoryKind.Customers.Number) NewestPlace = _running;
        }
    }

    /// <summary>Another connection has changed something: nothing that was read before holds.</summary>
    internal void ChangedByOthers()
    {
        lock (_lock) (_floor, NewestPlace) = (_running, _running);
    }

    /// <summary>The transaction has ended, one way or the other.</summary>
    internal void Ended()
    {
        lock (_lock) Volatile.Write(ref _ended, _running++);
    }

    private bool Have(int orgId, int kind, HashSet<long> ids, long mark)
    {
        foreach (var id in ids)
            if (!IsBefore(new Key(orgId, kind, id), mark)) return false;
        return true;
    }

    private bool IsBefore(Key key, long mark) => (_young.TryGetValue(key, out var at) || _old.TryGetValue(key, out at)) is false || at <= mark;

    private readonly record struct Key(int OrgId, int Kind, long Id);
}
