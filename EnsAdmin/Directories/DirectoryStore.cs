using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Directories;

/// <summary>A record with what hangs on it.</summary>
/// <param name="Store">Of a till; null where it is unknown.</param>
/// <param name="Tills">Of a store, the first hundred.</param>
/// <param name="Deliveries">Of the events that taught its facts, by their ids: the first of each that has one.</param>
public sealed record RecordDetails(DirectoryRecord Record, DirectoryRecord? Store, IReadOnlyList<DirectoryRecord> Tills, IReadOnlyDictionary<string, (string WebhookId, long Id)> Deliveries)
{
    /// <summary>Of a customer, by programme.</summary>
    public IReadOnlyList<CustomerPoints> Points { get; } = [.. Record.Points.OrderBy(p => p.ProgramId)];

    /// <summary>Of a customer, the newest first.</summary>
    public IReadOnlyList<AwardedReference> Awards { get; } = [.. Record.Awards.Reverse()];
}

/// <summary>Records by id.</summary>
public sealed record RecordPage(IReadOnlyList<DirectoryRecord> Records, bool HasMore);

/// <summary>
/// Reads the directory for the screens and the API, and changes single records by hand. What is noted of a change names the fields and not their values: an audit
/// that nobody can delete from is no place for somebody's telephone number.
/// </summary>
public sealed class DirectoryStore(EnsContexts contexts, PayloadMasking masking, Audit audit, ChangeFeed changes, TimeProvider time)
{
    private const int MostTills = 100;

    /// <param name="after">The id before the first one; -1 to begin.</param>
    public async Task<RecordPage> PageAsync(int orgId, DirectoryKind kind, long after, int limit, CancellationToken cancel = default)
    {
        await using var directory = await contexts.DirectoryOfAsync(orgId, cancel);
        var found = directory.Page(kind, after, limit + 1);
        return new RecordPage([.. found.Take(limit)], found.Count > limit);
    }

    /// <summary>The page that ends before an id.</summary>
    public async Task<RecordPage> PageBeforeAsync(int orgId, DirectoryKind kind, long before, int limit, CancellationToken cancel = default)
    {
        await using var directory = await contexts.DirectoryOfAsync(orgId, cancel);
        var found = directory.PageBefore(kind, before, limit + 1);
        return new RecordPage([.. found.TakeLast(limit)], found.Count > limit);
    }

    /// <summary>Those with this id, and those with an identifier that starts so.</summary>
    public async Task<RecordPage> SearchAsync(int orgId, DirectoryKind kind, string text, int limit, CancellationToken cancel = default)
    {
        await using var directory = await contexts.DirectoryOfAsync(orgId, cancel);
        var found = directory.Search(kind, text, limit + 1);
        return new RecordPage([.. found.Take(limit)], found.Count > limit);
    }

    /// <summary>The same by id.</summary>
    /// <param name="after">The id before the first one; -1 to begin.</param>
    public async Task<RecordPage> SearchPageAsync(int orgId, DirectoryKind kind, string text, long after, int limit, CancellationToken cancel = default)
    {
        await using var directory = await contexts.DirectoryOfAsync(orgId, cancel);
        var found = directory.SearchPage(kind, text, after, limit + 1);
        return new RecordPage([.. found.Take(limit)], found.Count > limit);
    }

    /// <summary>The names of stores, by id.</summary>
    public async Task<IReadOnlyDictionary<long, DirectoryRecord>> StoresAsync(int orgId, IReadOnlyCollection<long> ids, CancellationToken cancel = default)
    {
        await using var directory = await contexts.DirectoryOfAsync(orgId, cancel);
        return directory.Find(DirectoryKind.Stores, ids);
    }

    /// <summary>Null where there is none.</summary>
    public async Task<RecordDetails?> FindAsync(int orgId, DirectoryKind kind, long id, CancellationToken cancel = default)
    {
        await using var directory = await contexts.DirectoryOfAsync(orgId, cancel);
        if (directory.Find(kind, id) is not { } record) return null;
        var store = kind == DirectoryKind.Tills && StoreOf(record) is { } storeId ? directory.Find(DirectoryKind.Stores, storeId) : null;
        var origins = kind.Fields.Select((_, i) => record.OriginOf(i)).OfType<FactOrigin>().Concat(record.Points.Select(p => FactOrigin.Read(p.Origin, p.OriginAt))).Concat(record.Awards.Select(a => FactOrigin.Read(a.Origin, a.OriginAt)));
        return new RecordDetails(record, store, kind == DirectoryKind.Stores ? directory.TillsOf(id, MostTills) : [], await DeliveriesAsync(directory.Db, [.. origins.Select(OriginWords.EventId).OfType<string>().Distinct()], cancel));
    }

    private static async Task<IReadOnlyDictionary<string, (string WebhookId, long Id)>> DeliveriesAsync(EnsDbContext db, List<string> eventIds, CancellationToken cancel)
    {
        if (eventIds.Count == 0) return new Dictionary<string, (string, long)>();
        var found = await (from e in db.EventMessages where eventIds.Contains(e.EventId) join d in db.Deliveries on e.Id equals d.EventMessageId orderby d.Id select new { e.EventId, d.WebhookId, d.Id }).ToListAsync(cancel);
        return found.DistinctBy(d => d.EventId).ToDictionary(d => d.EventId, d => (d.WebhookId, d.Id));
    }

    /// <summary>The store that a till says it is in.</summary>
    public static long? StoreOf(DirectoryRecord till) => till.Values[TillFields.StoreId] is { } id ? long.Parse(id, System.Globalization.CultureInfo.InvariantCulture) : null;

    /// <summary>Adds a record or changes one, as a person says.</summary>
    /// <param name="isNew">Whether there must be none of this id yet.</param>
    /// <returns>False where there is one against that.</returns>
    public async Task<bool> SaveAsync(int orgId, DirectoryKind kind, DirectoryChange change, bool isNew, Actor by, CancellationToken cancel = default)
    {
        await using var directory = await contexts.DirectoryOfAsync(orgId, cancel);
        var saved = await directory.ChangeAsync(tables =>
        {
            var before = tables.Find(orgId, kind, [change.Id]).GetValueOrDefault(change.Id);
            if (isNew && before is not null) return false;
            var origin = FactOrigin.Edited(by.Name, time.GetUtcNow());
            if (tables.Apply(orgId, kind, [change], origin) is { Unchanged: 1 }) return true;
            var fields = kind.Fields.Index().Where(f => change.Has(f.Index) && before?.Values[f.Index] != change.Values[f.Index]).Select(f => f.Item.Name);
            audit.Add(directory.Db, by, orgId, before is null ? $"{kind.One}.added" : $"{kind.One}.changed", $"{kind.One} {change.Id}", null, new { fields });
            return true;
        }, cancel);
        if (saved) changes.Publish(Topics.Directory(orgId));
        return saved;
    }

    /// <summary>Takes a record out; an event may teach it anew.</summary>
    /// <returns>The record as it was; null where there was none.</returns>
    public async Task<DirectoryRecord?> DeleteAsync(int orgId, DirectoryKind kind, long id, Actor by, CancellationToken cancel = default)
    {
        await using var directory = await contexts.DirectoryOfAsync(orgId, cancel);
        var deleted = await directory.ChangeAsync(tables =>
        {
            var before = tables.Find(orgId, kind, [id]).GetValueOrDefault(id);
            if (before is null || !tables.Delete(orgId, kind, id)) return null;
            audit.Add(directory.Db, by, orgId, $"{kind.One}.deleted", $"{kind.One} {id}", null, null);
            return before;
        }, cancel);
        if (deleted is not null) changes.Publish(Topics.Directory(orgId));
        return deleted;
    }

    /// <summary>
    /// Forgets a customer for good: no event teaches anything of them any more; only a file, a key or a person can bring them back. The stored payloads are masked
    /// first: whoever is interrupted finds the customer still there, and asks again.
    /// </summary>
    /// <param name="mask">Whether the identifiers are also taken out of stored payloads; of who is not there, what names the id.</param>
    /// <param name="told">Told now and then how many payloads were looked at.</param>
    /// <returns>How many payloads were masked; null where there is no such customer and nothing is to be masked.</returns>
    public async Task<int?> ForgetAsync(int orgId, long customerId, bool mask, Actor by, Action<long>? told = null, CancellationToken cancel = default)
    {
        await using var directory = await contexts.DirectoryOfAsync(orgId, cancel);
        var known = directory.Find(DirectoryKind.Customers, customerId);
        if (known is null && !mask) return null;
        // Who was taken out before, by an event or by hand, may still stand in payloads.
        var customer = known ?? DirectoryRecord.Empty(DirectoryKind.Customers, customerId);
        var masked = mask ? await masking.MaskAsync(orgId, customer, told, cancel) : 0;
        await directory.ChangeAsync(tables =>
        {
            tables.Forget(orgId, DirectoryKind.Customers, customerId, DirectoryRecord.Never);
            // An event that came in since its payloads were masked, and waits, finds nobody.
            if (mask) tables.DropEarlier(orgId, DirectoryKind.Customers, customerId);
            audit.Add(directory.Db, by, orgId, "customer.forgotten", $"customer {customerId}", null, mask ? new { payloadsMasked = masked } : null);
            return true;
        }, cancel);
        changes.Publish(Topics.Directory(orgId));
        return masked;
    }
}
