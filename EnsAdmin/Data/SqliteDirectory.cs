using System.Globalization;
using System.Text;
using EnsAdmin.Domain;

namespace EnsAdmin.Data;

/// <summary>
/// The SQL of the directory: what ingest looks up and learns, what files, keys and people write. Used inside a transaction, by one thread at a time. What it has
/// read of stores and tills it remembers, except for what it changes itself; who owns it says when others have changed something (<see cref="ForgetAll"/>) and when a transaction has
/// ended (<see cref="Ended"/>).
/// </summary>
public sealed class SqliteDirectory
{
    private readonly RecordTable[] _tables;
    private readonly EarlierTable _earlier;
    private readonly Statement _addWord, _removeWord, _idsOf;
    private bool _placesChanged;
    private long _places;

    internal SqliteDirectory(Func<string, Statement> prepare)
    {
        _tables = [.. DirectoryKind.All.Select(kind => RecordTable.Of(kind, prepare))];
        _earlier = new EarlierTable(prepare);
        _addWord = prepare("INSERT OR IGNORE INTO DirectoryIdentifiers (OrgId, Kind, Value, RecordId) VALUES (?1, ?2, ?3, ?4)");
        _removeWord = prepare("DELETE FROM DirectoryIdentifiers WHERE OrgId = ?1 AND Kind = ?2 AND Value = ?3 AND RecordId = ?4");
        _idsOf = prepare("SELECT RecordId FROM DirectoryIdentifiers WHERE OrgId = ?1 AND Kind = ?2 AND Value = ?3 LIMIT ?4");
    }

    /// <summary>How many records it has written, also in transactions that were undone.</summary>
    public long Written { get; private set; }

    /// <summary>Another number after each transaction in which a store or a till may have changed; may be read on any thread.</summary>
    internal long Places => Volatile.Read(ref _places);

    /// <summary>All that is asked for as it is now, with the stores of its tills, in one statement for each kind of thing that is not remembered.</summary>
    public DirectoryFacts Look(int orgId, DirectoryNeeds needs) => Look(orgId, needs, null);

    /// <summary>The same for the payloads of events, with what was known when each came in; all of an organization together where nothing of it has changed since.</summary>
    /// <returns>By the places of the questions.</returns>
    public DirectoryFacts[] Look(IReadOnlyList<DirectoryQuestion> questions)
    {
        var facts = new DirectoryFacts[questions.Count];
        foreach (var ofOrg in questions.Index().GroupBy(q => q.Item.OrgId))
        {
            DirectoryFacts? common = null;
            if (!_earlier.Has(ofOrg.Key, ofOrg.Min(q => q.Item.EventId)))
            {
                var needs = new DirectoryNeeds();
                foreach (var (_, question) in ofOrg) needs.Add(question.Needs);
                common = Look(ofOrg.Key, needs, null);
            }

            foreach (var (i, question) in ofOrg) facts[i] = common ?? Look(ofOrg.Key, question.Needs, question.EventId);
        }

        return facts;
    }

    private DirectoryFacts Look(int orgId, DirectoryNeeds needs, long? eventId)
    {
        var facts = new DirectoryFacts(Find(orgId, DirectoryKind.Tills, needs.Tills, eventId));
        foreach (var till in facts.Tills.Values)
            if (till.Values[TillFields.StoreId] is { } storeId) needs.Stores.Add(long.Parse(storeId, CultureInfo.InvariantCulture));
        facts.Stores = Find(orgId, DirectoryKind.Stores, needs.Stores, eventId);
        if (needs.Customers.Count > 0) facts.Customers = Known(orgId, DirectoryKind.Customers, needs.Customers, eventId);
        return facts;
    }

    /// <summary>The records of these ids that there are, by id; none that is forgotten.</summary>
    public IReadOnlyDictionary<long, DirectoryRecord> Find(int orgId, DirectoryKind kind, IReadOnlyCollection<long> ids) => Find(orgId, kind, ids, null);

    private IReadOnlyDictionary<long, DirectoryRecord> Find(int orgId, DirectoryKind kind, IReadOnlyCollection<long> ids, long? eventId)
    {
        if (ids.Count == 0) return DirectoryFacts.NoRecords;
        var found = Known(orgId, kind, ids, eventId);
        foreach (var (id, record) in found)
            if (record.IsForgotten) found.Remove(id); // Which a dictionary allows while it is gone through.
        return found;
    }

    /// <summary>The ids of records that can be searched by exactly this identifier, in whatever case; a few of them may have it no more.</summary>
    public IReadOnlyList<long> IdsOf(int orgId, DirectoryKind kind, string identifier, int limit) => _idsOf.Read(r => r.Long(0), orgId, kind.Number, SearchWords.Of(identifier), limit);

    /// <summary>Writes what events teach, in their order: what is older than what is known, or brings nothing, changes nothing.</summary>
    public void Learn(int orgId, DirectoryKind kind, IReadOnlyCollection<DirectoryLesson> lessons)
    {
        var current = Current(orgId, kind, lessons.Select(l => l.Id).ToHashSet());
        var taught = new Dictionary<long, DirectoryRecord>();
        foreach (var lesson in lessons)
        {
            var known = taught.GetValueOrDefault(lesson.Id) ?? current.GetValueOrDefault(lesson.Id) ?? DirectoryRecord.Empty(kind, lesson.Id);
            if (lesson.Teach(known) is { } after) taught[lesson.Id] = after;
        }

        if (taught.Count == 0) return;
        var awaiting = _earlier.NewestAwaiting(orgId);
        foreach (var (id, after) in taught) Write(orgId, kind, current.GetValueOrDefault(id) ?? DirectoryRecord.Empty(kind, id), after, awaiting, words: true);
    }

    /// <summary>Writes what a file, a key or a person says.</summary>
    /// <param name="changes">Each id once.</param>
    /// <param name="later">Gets what new records can be searched by, for <see cref="Index"/> to write; null to write it at once.</param>
    public ImportCounts Apply(int orgId, DirectoryKind kind, IReadOnlyCollection<DirectoryChange> changes, FactOrigin origin, ICollection<DirectoryChange>? later = null)
    {
        var current = Current(orgId, kind, changes.Select(c => c.Id).ToList());
        var (counts, awaiting) = (new ImportCounts(), _earlier.NewestAwaiting(orgId));
        foreach (var change in changes)
        {
            var before = current.GetValueOrDefault(change.Id) ?? DirectoryRecord.Empty(kind, change.Id);
            var isNew = before.IsForgotten;
            if (before.Merge(change, origin) is { } after)
            {
                if (isNew) later?.Add(change);
                Write(orgId, kind, before, after, awaiting, words: later is null || !isNew);
                counts = isNew ? counts with { Added = counts.Added + 1 } : counts with { Changed = counts.Changed + 1 };
            }
            else counts = counts with { Unchanged = counts.Unchanged + 1 };
        }

        return counts;
    }

    /// <summary>What <see cref="Apply"/> would do.</summary>
    public ImportCounts Count(int orgId, DirectoryKind kind, IReadOnlyCollection<DirectoryChange> changes, FactOrigin origin)
    {
        var current = Current(orgId, kind, changes.Select(c => c.Id).ToList());
        var added = changes.Count(c => !current.TryGetValue(c.Id, out var known) || known.IsForgotten);
        var unchanged = changes.Count(c => current.TryGetValue(c.Id, out var known) && known.Merge(c, origin) is null);
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

    /// <summary>Drops at most so many records as they were before a change, which no event needs any more that waits for its payload.</summary>
    /// <returns>How many.</returns>
    public int DropEarlier(int limit) => _earlier.Drop(limit);

    /// <summary>Drops all that is kept of a record as it was, whoever needs it.</summary>
    public void DropEarlier(int orgId, DirectoryKind kind, long id) => _earlier.Drop(orgId, kind, id);

    /// <summary>Forgets what it remembers: another connection has changed something.</summary>
    internal void ForgetAll()
    {
        foreach (var table in _tables) table.ForgetAll();
        _placesChanged = true;
    }

    /// <summary>The transaction has ended, one way or the other.</summary>
    internal void Ended()
    {
        foreach (var table in _tables) table.Settle();
        if (_placesChanged) Volatile.Write(ref _places, _places + 1);
        _placesChanged = false;
    }

    private Dictionary<long, DirectoryRecord> Current(int orgId, DirectoryKind kind, IReadOnlyCollection<long> ids) => _tables[kind.Number].Current(orgId, ids);

    /// <summary>As <see cref="Current"/>, or as it was when an event came in.</summary>
    private Dictionary<long, DirectoryRecord> Known(int orgId, DirectoryKind kind, IReadOnlyCollection<long> ids, long? eventId)
    {
        var known = Current(orgId, kind, ids);
        if (eventId is { } id) _earlier.Restore(orgId, kind, ids, id, known);
        return known;
    }

    /// <param name="awaiting">As <see cref="EarlierTable.NewestAwaiting"/>.</param>
    private void Write(int orgId, DirectoryKind kind, DirectoryRecord before, DirectoryRecord after, long? awaiting, bool words)
    {
        if (awaiting is { } upTo) _earlier.Keep(orgId, before, upTo);
        _tables[kind.Number].Put(orgId, after);
        Written++;
        _placesChanged |= kind != DirectoryKind.Customers;
        if (!words || before.IsForgotten == after.IsForgotten && ReferenceEquals(before.Values, after.Values)) return;
        var (old, now) = (new HashSet<string>(), new HashSet<string>());
        SearchWords.Collect(kind, before.Values, old);
        SearchWords.Collect(kind, after.Values, now);
        foreach (var word in old.Where(w => !now.Contains(w))) _removeWord.Execute(orgId, kind.Number, word, after.Id);
        foreach (var word in now.Where(w => !old.Contains(w))) _addWord.Execute(orgId, kind.Number, word, after.Id);
    }

    private bool Remove(int orgId, DirectoryKind kind, long id, long? until)
    {
        var before = Current(orgId, kind, [id]).GetValueOrDefault(id) ?? DirectoryRecord.Empty(kind, id);
        if (until is null && before.IsForgotten) return false;
        Write(orgId, kind, before, until is { } moment ? before.Forget(moment) : DirectoryRecord.Empty(kind, id, before.LearnsAfter), _earlier.NewestAwaiting(orgId), words: true);
        // Where nothing has to be remembered, nothing stays.
        if (until is null && before.LearnsAfter == 0) _tables[kind.Number].Delete(orgId, id);
        return !before.IsForgotten;
    }

    internal static string Json(IEnumerable<long> ids) => new StringBuilder("[").AppendJoin(',', ids.Select(id => id.ToString(CultureInfo.InvariantCulture))).Append(']').ToString();
}
