using EnsAdmin.Data;
using EnsAdmin.Domain;

namespace EnsAdmin.Enrichment;

/// <summary>
/// Teaches the directory what passing events carry, in their own transaction. Events that were stored before teach nothing again. A fact is as old as its event says,
/// but never newer than the moment it came in: a wrong clock must not close the directory to all that follows.
/// </summary>
/// <param name="learns">Where it is off, only deletions count.</param>
internal sealed class Learner(SqliteDirectory directory, int orgId, bool learns, long now)
{
    private readonly List<DirectoryLesson> _customers = [];
    private readonly Dictionary<string, long?> _storesByCode = [];

    /// <param name="events">New ones, in the order of their request.</param>
    public void Learn(IReadOnlyList<(NewEvent Message, EventFragments Fragments)> events)
    {
        if (learns) LearnTills(events);
        foreach (var (message, fragments) in events)
        {
            var origin = OriginOf(message);
            if (fragments is { IsDeletion: true, Customer: { } gone })
            {
                WriteCustomers();
                directory.Forget(orgId, DirectoryKind.Customers, gone, origin.At);
                continue;
            }

            if (!learns) continue;
            foreach (var (id, at) in fragments.Customers)
                if (id is { } known && Lessons.OfCustomer(known, at, fragments.UpdatesOf(known)) is { } change) _customers.Add(new DirectoryLesson.Facts(change, origin));
            if (fragments.Customer is not { } customer) continue;
            foreach (var (program, available, at) in fragments.Balances)
                _customers.Add(new DirectoryLesson.Balance(customer, new CustomerPoints(program, available, origin.Text, at < now ? at.Value : origin.At)));
            // Of several, none can be said to be that of the whole activity.
            if (fragments is { Awards.Count: 1, EventKey.Length: > 0 and <= DirectoryRecord.MaxText } && fragments.Awards.First() is var (reference, type) && (type?.Length ?? 0) <= DirectoryRecord.MaxText)
                _customers.Add(new DirectoryLesson.Award(customer, new AwardedReference(fragments.EventKey, reference, type, origin.Text, origin.At)));
        }

        WriteCustomers();
    }

    // As exact as events are: what comes in the same millisecond counts as well.
    private FactOrigin OriginOf(NewEvent message) => FactOrigin.Learned(message.EventName, message.EventId, Math.Min(message.OccurredAt, now - now % TimeSpan.TicksPerMillisecond));

    private void WriteCustomers()
    {
        if (_customers.Count > 0) directory.Learn(orgId, DirectoryKind.Customers, _customers);
        _customers.Clear();
    }

    private void LearnTills(IReadOnlyList<(NewEvent Message, EventFragments Fragments)> events)
    {
        var needs = new DirectoryNeeds();
        foreach (var (_, fragments) in events)
            foreach (var (id, at) in fragments.Tills)
                if (id is { } till && (at.Find("till") is not null || at.Find("store") is not null)) needs.Tills.Add(till);
        if (needs.Tills.Count == 0) return;
        var facts = directory.Look(orgId, needs);
        var (stores, tills) = (new List<DirectoryLesson>(), new List<DirectoryLesson>());
        foreach (var (message, fragments) in events)
        {
            foreach (var (given, at) in fragments.Tills)
            {
                if (given is not { } id) continue;
                var storeId = at.Find("store") is { } store ? StoreOf(id, store, facts) : null;
                if (storeId is { } known && Lessons.OfStore(known, at.Find("store")!) is { } ofStore) stores.Add(new DirectoryLesson.Facts(ofStore, OriginOf(message)));
                if (Lessons.OfTill(id, at.Find("till"), storeId) is { } ofTill) tills.Add(new DirectoryLesson.Facts(ofTill, OriginOf(message)));
            }
        }

        if (stores.Count > 0) directory.Learn(orgId, DirectoryKind.Stores, stores);
        if (tills.Count > 0) directory.Learn(orgId, DirectoryKind.Tills, tills);
    }

    /// <summary>
    /// Which store a fragment is about. Most name no id: then it is the till's, where that has the same code, and else the one store that has it. A till that moved must not
    /// give its old store the new one's name; so a fragment with neither id nor code is about none.
    /// </summary>
    private long? StoreOf(long tillId, JsonPlace store, DirectoryFacts facts)
    {
        if (Lessons.Id(store.Find("id")) is { } id) return id;
        if (Lessons.Text(store.Find("code")) is not { } code) return null;
        if (facts.Tills.GetValueOrDefault(tillId)?.Values[TillFields.StoreId] is { } text && long.Parse(text, System.Globalization.CultureInfo.InvariantCulture) is var known)
        {
            if (facts.Stores.GetValueOrDefault(known) is not { } record || record.Values[StoreFields.Code] == code) return known;
        }

        if (!_storesByCode.TryGetValue(code, out var found))
        {
            var ids = directory.IdsOf(orgId, DirectoryKind.Stores, code, 10);
            var same = ids.Count == 0 ? [] : directory.Find(orgId, DirectoryKind.Stores, ids).Values.Where(s => s.Values[StoreFields.Code] == code).ToList();
            _storesByCode[code] = found = same.Count == 1 ? same[0].Id : null;
        }

        return found;
    }
}
