using System.Globalization;
using System.Text;
using EnsAdmin.Domain;

namespace EnsAdmin.Data;

/// <summary>
/// The SQL of the directory: what ingest looks up and learns, what files, keys and people write. Used inside a transaction, by one thread at a time. What it has
/// read it remembers, except for what it changes itself; who owns it says when others have changed something (<see cref="ForgetAll"/>) and when a transaction has
/// ended (<see cref="Ended"/>).
/// </summary>
public sealed class SqliteDirectory
{
    private readonly RecordTable[] _tables;
    private readonly Statement _addWord, _removeWord, _points, _pointsOfOne, _setPoints, _clearPoints, _awards, _award, _setAward, _clearAwards, _idsOf;

    internal SqliteDirectory(Func<string, Statement> prepare)
    {
        _tables = [.. DirectoryKind.All.Select(kind => new RecordTable(kind, prepare))];
        _addWord = prepare("INSERT OR IGNORE INTO DirectoryIdentifiers (OrgId, Kind, Value, RecordId) VALUES (?1, ?2, ?3, ?4)");
        _removeWord = prepare("DELETE FROM DirectoryIdentifiers WHERE OrgId = ?1 AND Kind = ?2 AND Value = ?3 AND RecordId = ?4");
        _points = prepare("SELECT p.CustomerId, p.ProgramId, p.Available, p.OriginAt FROM json_each(?2) j CROSS JOIN CustomerPoints p ON p.OrgId = ?1 AND p.CustomerId = j.value");
        _pointsOfOne = prepare("SELECT CustomerId, ProgramId, Available, OriginAt FROM CustomerPoints WHERE OrgId = ?1 AND CustomerId = ?2");
        _setPoints = prepare("""
            INSERT INTO CustomerPoints (OrgId, CustomerId, ProgramId, Available, Origin, OriginAt) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (OrgId, CustomerId, ProgramId) DO UPDATE SET Available = excluded.Available, Origin = excluded.Origin, OriginAt = excluded.OriginAt WHERE excluded.OriginAt >= OriginAt
            """);
        _clearPoints = prepare("DELETE FROM CustomerPoints WHERE OrgId = ?1 AND CustomerId = ?2 AND OriginAt <= ?3");
        _awards = prepare("""
            SELECT a.CustomerId, a.EventKey, a.Reference, a.ReferenceType FROM json_each(?2) j
            CROSS JOIN AwardedReferences a ON a.OrgId = ?1 AND a.CustomerId = j.value ->> 0 AND a.EventKey = j.value ->> 1
            """);
        _award = prepare("SELECT CustomerId, EventKey, Reference, ReferenceType FROM AwardedReferences WHERE OrgId = ?1 AND CustomerId = ?2 AND EventKey = ?3");
        _setAward = prepare("""
            INSERT INTO AwardedReferences (OrgId, CustomerId, EventKey, Reference, ReferenceType, Origin, OriginAt) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT (OrgId, CustomerId, EventKey) DO UPDATE SET Reference = excluded.Reference, ReferenceType = excluded.ReferenceType, Origin = excluded.Origin, OriginAt = excluded.OriginAt
            WHERE excluded.OriginAt >= OriginAt
            """);
        _idsOf = prepare("SELECT RecordId FROM DirectoryIdentifiers WHERE OrgId = ?1 AND Kind = ?2 AND Value = ?3 LIMIT ?4");
        _clearAwards = prepare("DELETE FROM AwardedReferences WHERE OrgId = ?1 AND CustomerId = ?2 AND OriginAt <= ?3");
    }

    /// <summary>What it has changed, and when others have.</summary>
    internal DirectoryChanges Changes { get; } = new();

    /// <summary>All that a request needs, with the stores of its tills, in one statement for each kind of thing that is not remembered.</summary>
    public DirectoryFacts Look(int orgId, DirectoryNeeds needs)
    {
        var facts = new DirectoryFacts(Find(orgId, DirectoryKind.Tills, needs.Tills));
        foreach (var till in facts.Tills.Values)
            if (till.Values[TillFields.StoreId] is { } storeId) needs.Stores.Add(long.Parse(storeId, CultureInfo.InvariantCulture));
        facts.Stores = Find(orgId, DirectoryKind.Stores, needs.Stores);
        facts.Customers = Find(orgId, DirectoryKind.Customers, needs.Customers);
        if (needs.PointsOf.Count > 0) facts.Points = Points(orgId, needs.PointsOf).ToLookup(p => p.Id, p => p.Points);
        if (needs.Awards.Count > 0) facts.Awards = Awards(orgId, needs.Awards).ToDictionary(a => a.Key, a => a.Award);
        return facts;
    }

    /// <summary>The records of these ids that there are, by id; none that is forgotten.</summary>
    public IReadOnlyDictionary<long, DirectoryRecord> Find(int orgId, DirectoryKind kind, IReadOnlyCollection<long> ids)
    {
        if (ids.Count == 0) return DirectoryFacts.NoRecords;
        var found = Current(orgId, kind, ids, remember: true);
        foreach (var gone in found.Where(r => r.Value.IsForgotten).ToList()) found.Remove(gone.Key);
        return found;
    }

    /// <summary>The ids of records that can be searched by exactly this identifier, in whatever case; a few of them may have it no more.</summary>
    public IReadOnlyList<long> IdsOf(int orgId, DirectoryKind kind, string identifier, int limit) => _idsOf.Read(r => r.Long(0), orgId, kind.Number, SearchWords.Of(identifier), limit);

    /// <summary>Writes what an event teaches: what is older than what is known, or brings nothing, changes nothing.</summary>
    public void Learn(int orgId, DirectoryKind kind, IReadOnlyCollection<(DirectoryChange Change, FactOrigin Origin)> facts)
    {
        var current = Current(orgId, kind, facts.Select(f => f.Change.Id).ToHashSet(), remember: true);
        foreach (var (change, origin) in facts)
        {
            var before = current.GetValueOrDefault(change.Id) ?? DirectoryRecord.Empty(kind, change.Id);
            if (before.Merge(kind, change, origin) is not { } after) continue;
            Write(orgId, kind, before, after, words: true);
            current[change.Id] = after;
        }
    }

    /// <summary>Writes what a file, a key or a person says.</summary>
    /// <param name="changes">Each id once.</param>
    /// <param name="later">Gets what new records can be searched by, for <see cref="Index"/> to write; null to write it at once.</param>
    public ImportCounts Apply(int orgId, DirectoryKind kind, IReadOnlyCollection<DirectoryChange> changes, FactOrigin origin, ICollection<DirectoryChange>? later = null)
    {
        var current = Current(orgId, kind, changes.Select(c => c.Id).ToList(), remember: false);
        var counts = new ImportCounts();
        foreach (var change in changes)
        {
            var before = current.GetValueOrDefault(change.Id) ?? DirectoryRecord.Empty(kind, change.Id);
            var isNew = before.IsForgotten;
            if (before.Merge(kind, change, origin) is { } after)
            {
                if (isNew) later?.Add(change);
                Write(orgId, kind, before, after, words: later is null || !isNew);
                counts = isNew ? counts with { Added = counts.Added + 1 } : counts with { Changed = counts.Changed + 1 };
            }
            else counts = counts with { Unchanged = counts.Unchanged + 1 };
        }

        return counts;
    }

    /// <summary>What <see cref="Apply"/> would do.</summary>
    public ImportCounts Count(int orgId, DirectoryKind kind, IReadOnlyCollection<DirectoryChange> changes, FactOrigin origin)
    {
        var current = Current(orgId, kind, changes.Select(c => c.Id).ToList(), remember: false);
        var added = changes.Count(c => !current.TryGetValue(c.Id, out var known) || known.IsForgotten);
        var unchanged = changes.Count(c => current.TryGetValue(c.Id, out var known) && known.Merge(kind, c, origin) is null);
        return new ImportCounts(added, changes.Count - added - unchanged, unchanged, 0);
    }

    /// <summary>Makes records findable by these words; those that they have already stay.</summary>
    public void Index(int orgId, DirectoryKind kind, IEnumerable<(string Word, long Id)> words)
    {
        foreach (var (word, id) in words) _addWord.Execute(orgId, kind.Number, word, id);
    }

    /// <summary>Takes a record out; events may teach it anew.</summary>
    /// <returns>False where there is none.</returns>
    public bool Delete(int orgId, DirectoryKind kind, long id) => Remove(orgId, kind, id, null);

    /// <summary>Takes out what was known of a record up to a moment, with all that hangs on it, and remembers that: events created up to then teach nothing of it any more.</summary>
    /// <param name="until">UTC ticks; <see cref="DirectoryRecord.Never"/> for everything, and no event at all.</param>
    /// <returns>Whether there was one.</returns>
    public bool Forget(int orgId, DirectoryKind kind, long id, long until) => Remove(orgId, kind, id, until);

    /// <summary>Keeps the points that a customer can spend, unless something newer is known, or the customer was forgotten.</summary>
    public void SetPoints(int orgId, long customerId, long programId, double available, FactOrigin origin)
    {
        if (MayLearn(orgId, customerId, origin) && _setPoints.Execute(orgId, customerId, programId, available, origin.Text, origin.At) > 0) Changes.Changed(orgId, DirectoryChanges.Points, customerId);
    }

    /// <summary>Keeps what a customer was awarded points for.</summary>
    /// <param name="eventKey">As <see cref="AwardedReference.EventKey"/>.</param>
    public void SetAward(int orgId, long customerId, string eventKey, string reference, string? type, FactOrigin origin)
    {
        if (MayLearn(orgId, customerId, origin) && _setAward.Execute(orgId, customerId, eventKey, reference, type, origin.Text, origin.At) > 0) Changes.Changed(orgId, DirectoryChanges.Awards, customerId);
    }

    /// <summary>Forgets what it remembers: another connection has changed something.</summary>
    internal void ForgetAll()
    {
        foreach (var table in _tables) table.Cache.Clear();
        Changes.ChangedByOthers();
    }

    /// <summary>The transaction has ended, one way or the other.</summary>
    internal void Ended()
    {
        foreach (var table in _tables) table.Cache.Settle();
        Changes.Ended();
    }

    private bool MayLearn(int orgId, long customerId, FactOrigin origin) =>
        !Current(orgId, DirectoryKind.Customers, [customerId], remember: true).TryGetValue(customerId, out var known) || known.LearnsAfter < origin.At;

    private Dictionary<long, DirectoryRecord> Current(int orgId, DirectoryKind kind, IReadOnlyCollection<long> ids, bool remember) => _tables[kind.Number].Current(orgId, ids, remember);

    // For one, which is what a single event asks, a list would cost as much as the search.
    private List<(long Id, KnownPoints Points)> Points(int orgId, HashSet<long> customers)
    {
        return customers.Count == 1 ? _pointsOfOne.Read(Read, orgId, customers.First()) : _points.Read(Read, orgId, Json(customers));

        static (long, KnownPoints) Read(Row r) => (r.Long(0), new KnownPoints(r.Long(1), r.Double(2), r.Long(3)));
    }

    private List<((long CustomerId, string EventKey) Key, KnownAward Award)> Awards(int orgId, HashSet<(long CustomerId, string EventKey)> keys)
    {
        if (keys.Count == 1) return _award.Read(Read, orgId, keys.First().CustomerId, keys.First().EventKey);
        var list = new StringBuilder("[").AppendJoin(',', keys.Select(a => $"[{a.CustomerId.ToString(CultureInfo.InvariantCulture)},\"{System.Text.Json.JsonEncodedText.Encode(a.EventKey)}\"]")).Append(']').ToString();
        return _awards.Read(Read, orgId, list);

        static ((long, string), KnownAward) Read(Row r) => ((r.Long(0), r.Text(1)), new KnownAward(r.Text(2), r.TextOrNull(3)));
    }

    private void Write(int orgId, DirectoryKind kind, DirectoryRecord before, DirectoryRecord after, bool words)
    {
        _tables[kind.Number].Put(orgId, after);
        Changes.Changed(orgId, kind.Number, after.Id);
        if (!words) return;
        var (old, now) = (new HashSet<string>(), new HashSet<string>());
        SearchWords.Collect(kind, before.Values, old);
        SearchWords.Collect(kind, after.Values, now);
        foreach (var word in old.Where(w => !now.Contains(w))) _removeWord.Execute(orgId, kind.Number, word, after.Id);
        foreach (var word in now.Where(w => !old.Contains(w))) _addWord.Execute(orgId, kind.Number, word, after.Id);
    }

    private bool Remove(int orgId, DirectoryKind kind, long id, long? until)
    {
        var before = Current(orgId, kind, [id], remember: false).GetValueOrDefault(id) ?? DirectoryRecord.Empty(kind, id);
        if (until is null && before.IsForgotten) return false;
        Write(orgId, kind, before, until is { } moment ? before.Forget(kind, moment) : DirectoryRecord.Empty(kind, id, before.LearnsAfter), words: true);
        if (kind == DirectoryKind.Customers)
        {
            _clearPoints.Execute(orgId, id, until ?? DirectoryRecord.Never);
            _clearAwards.Execute(orgId, id, until ?? DirectoryRecord.Never);
            Changes.Changed(orgId, DirectoryChanges.Points, id);
            Changes.Changed(orgId, DirectoryChanges.Awards, id);
        }

        // Where nothing has to be remembered, nothing stays.
        if (until is null && before.LearnsAfter == 0) _tables[kind.Number].Delete(orgId, id);
        return !before.IsForgotten;
    }

    internal static string Json(IEnumerable<long> ids) => new StringBuilder("[").AppendJoin(',', ids.Select(id => id.ToString(CultureInfo.InvariantCulture))).Append(']').ToString();
}
