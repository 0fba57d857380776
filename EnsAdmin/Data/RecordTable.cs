using EnsAdmin.Domain;

namespace EnsAdmin.Data;

/// <summary>The table of one kind of record, and what was read of it lately.</summary>
/// <param name="remembered">How many records at most; 0 for none.</param>
internal abstract class RecordTable(int remembered)
{
    private readonly DirectoryCache _cache = new(remembered);

    public static RecordTable Of(DirectoryKind kind, Func<string, Statement> prepare) => kind == DirectoryKind.Customers ? new CustomerTable(prepare) : new PlaceTable(kind, prepare);

    /// <summary>The records of these ids as the running transaction finds them, by id; also those that are forgotten.</summary>
    public Dictionary<long, DirectoryRecord> Current(int orgId, IReadOnlyCollection<long> ids)
    {
        var found = new Dictionary<long, DirectoryRecord>(ids.Count);
        List<long>? unknown = null;
        foreach (var id in ids)
        {
            if (!_cache.TryFind(orgId, id, out var known)) (unknown ??= []).Add(id);
            else if (known is not null) found[id] = known;
        }

        if (unknown is null) return found;
        foreach (var record in Read(orgId, unknown)) found[record.Id] = record;
        foreach (var id in unknown) _cache.Add(orgId, id, found.GetValueOrDefault(id));
        return found;
    }

    public void Put(int orgId, DirectoryRecord record)
    {
        Write(orgId, record);
        _cache.Change(orgId, record.Id);
    }

    public void Delete(int orgId, long id)
    {
        Remove(orgId, id);
        _cache.Change(orgId, id);
    }

    /// <summary>Another connection has changed something.</summary>
    public void Forget() => _cache.Clear();

    /// <summary>The transaction has ended, one way or the other.</summary>
    public void Settle() => _cache.Settle();

    protected abstract IReadOnlyList<DirectoryRecord> Read(int orgId, List<long> ids);

    protected abstract void Write(int orgId, DirectoryRecord record);

    protected abstract void Remove(int orgId, long id);
}
