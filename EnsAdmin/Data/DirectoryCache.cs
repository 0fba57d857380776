using EnsAdmin.Domain;

namespace EnsAdmin.Data;

/// <summary>
/// Records of one kind that were looked up lately, and ids that have none. Bounded: when the young half is full, the old half is dropped and the young one
/// becomes old. Not safe for threads. What the running transaction has changed is not kept before it commits.
/// </summary>
/// <param name="size">How many.</param>
internal sealed class DirectoryCache(int size)
{
    private readonly HashSet<Key> _changed = [];
    private Dictionary<Key, DirectoryRecord?> _young = [], _old = [];

    public int Count => _young.Count + _old.Count;

    /// <param name="record">Null where it is known that there is none.</param>
    public bool TryFind(int orgId, long id, out DirectoryRecord? record)
    {
        var key = new Key(orgId, id);
        if (_young.TryGetValue(key, out record)) return true;
        if (!_old.Remove(key, out record)) return false;
        Put(key, record);
        return true;
    }

    public void Add(int orgId, long id, DirectoryRecord? record)
    {
        var key = new Key(orgId, id);
        if (!_changed.Contains(key)) Put(key, record);
    }

    /// <summary>The transaction changes this one: until it commits, the database alone knows it.</summary>
    public void Change(int orgId, long id)
    {
        var key = new Key(orgId, id);
        _changed.Add(key);
        _young.Remove(key);
        _old.Remove(key);
    }

    /// <summary>The transaction has ended, one way or the other: what it changed is not in here.</summary>
    public void Settle() => _changed.Clear();

    public void Clear()
    {
        _young.Clear();
        _old.Clear();
    }

    private void Put(Key key, DirectoryRecord? record)
    {
        if (_young.Count >= size / 2) (_young, _old) = ([], _young);
        _young[key] = record;
    }

    private readonly record struct Key(int OrgId, long Id);
}
