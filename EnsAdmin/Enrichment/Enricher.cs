using EnsAdmin.Data;
using EnsAdmin.Domain;

namespace EnsAdmin.Enrichment;

/// <summary>Makes payloads that carry what their webhooks ask for, of what the directory knows. Asks nobody, and never fails: what is unknown is left out.</summary>
internal static class Enricher
{
    private static readonly (int Field, string Name)[] NamesOfStore = [(StoreFields.Code, "code"), (StoreFields.ExternalId, "externalId"), (StoreFields.ExternalId1, "externalId1"), (StoreFields.ExternalId2, "externalId2")];

    /// <summary>All that an event asks of the directory.</summary>
    /// <param name="wanted">Facts that have a place in it.</param>
    public static DirectoryNeeds NeedsOf(EventFragments fragments, EnrichmentFacts wanted)
    {
        var needs = new DirectoryNeeds();
        if ((wanted & (EnrichmentFacts.Till | EnrichmentFacts.Store)) != 0)
        {
            foreach (var (id, at) in fragments.Tills)
            {
                if (id is { } till) needs.Tills.Add(till);
                if (Lessons.Id(at.Find("store")?.Find("id")) is { } storeId) needs.Stores.Add(storeId);
            }
        }

        if ((wanted & EnrichmentFacts.Customer) != 0) foreach (var (id, _) in fragments.Customers)
            if (id is { } known) needs.Customers.Add(known);
        if (fragments.Customer is { } customer && ((wanted & EnrichmentFacts.AvailablePoints) != 0 && fragments.Data.Find(EventPlaces.BalanceField) is null
            || (wanted & EnrichmentFacts.AwardedReference) != 0 && fragments.Data.Find(EventPlaces.AwardField) is null)) needs.Customers.Add(customer);
        return needs;
    }

    /// <param name="wanted">Facts that have a place in it.</param>
    /// <param name="at">When the event was created, in UTC ticks.</param>
    public static MadePayload Enrich(EventFragments fragments, EnrichmentFacts wanted, DirectoryFacts facts, long at)
    {
        var splice = PayloadSplice.New();
        var unknown = new List<string>();
        if ((wanted & (EnrichmentFacts.Till | EnrichmentFacts.Store)) != 0)
            foreach (var (id, place) in fragments.Tills) AddTill(splice.In(place), id, wanted, facts, unknown);
        if ((wanted & EnrichmentFacts.Customer) != 0)
            foreach (var (id, place) in fragments.Customers) CustomerFacts.Add(splice, place, id, wanted, id is { } known && facts.Customers.GetValueOrDefault(known) is { IsForgotten: false } record ? record : null, fragments.UpdatesOf(id), unknown);
        if ((wanted & (EnrichmentFacts.AvailablePoints | EnrichmentFacts.AwardedReference)) != 0 && fragments.NamesCustomer)
        {
            var data = splice.In(fragments.Data);
            if ((wanted & EnrichmentFacts.AvailablePoints) != 0) AddPoints(data, fragments, facts, at, unknown);
            if ((wanted & EnrichmentFacts.AwardedReference) != 0) AddAward(data, fragments, facts, unknown);
        }

        return new MadePayload(splice.IsEmpty ? null : splice.ToAdditions(), unknown.Count switch { 0 => null, 1 => unknown[0], _ => string.Join('\n', unknown.Distinct()) });
    }

    /// <summary>What is said of something that the payload names by a code, a name or an identifier alone: those may be many records', and somebody's own.</summary>
    internal static string WithoutId(string what) => $"{what} not looked up: the event gives no id";

    private static void AddTill(PayloadSplice.Members place, long? id, EnrichmentFacts wanted, DirectoryFacts facts, List<string> unknown)
    {
        var known = id is { } given ? facts.Tills.GetValueOrDefault(given) : null;
        var isUnknown = false;
        if ((wanted & EnrichmentFacts.Till) != 0)
        {
            var till = place.Object("till");
            if (known is null) isUnknown = !(till.Has("code") && till.Has("name")) && (id is not null || place.Find("till") is { IsEmpty: false });
            else if ((known.Json[TillFields.Code].IsEmpty && !till.Has("code"), known.Json[TillFields.Name].IsEmpty && !till.Has("name")) is var (noCode, noName) && (noCode || noName))
                unknown.Add(FormattableString.Invariant($"{(!noName ? "code" : noCode ? "code and name" : "name")} of till {id} unknown"));
            if (known is not null)
            {
                till.Fact("code", known, TillFields.Code);
                till.Fact("name", known, TillFields.Name);
            }

            till.Close();
        }

        if ((wanted & EnrichmentFacts.Store) != 0)
        {
            var store = place.Object("store");
            var isTold = store.Has("code") && store.Has("name");
            // An id that the payload has names the store, wherever the till is thought to be.
            var storeId = Lessons.Id(store.Find("id")) is { } own ? FormattableString.Invariant($"{own}") : known?.Values[TillFields.StoreId];
            var record = storeId is null ? null : facts.Stores.GetValueOrDefault(long.Parse(storeId, System.Globalization.CultureInfo.InvariantCulture));
            var another = record is null ? null : AnotherThan(record, store);
            if (record is not null && another is null) AddStore(store, storeId!, record);
            else if (!isTold)
            {
                if ((another ?? storeId) is { } named) unknown.Add($"store {named} unknown");
                else if (known is not null) unknown.Add(FormattableString.Invariant($"store of till {id} unknown"));
                else if (id is null && place.Find("store") is { IsEmpty: false }) unknown.Add(WithoutId("store"));
                else isUnknown = true;
            }

            store.Close();
        }

        if (isUnknown) unknown.Add(id is null ? WithoutId("till") : FormattableString.Invariant($"till {id} unknown"));
    }

    /// <summary>What the payload calls its store, where that is not this one: its code or an external id is another. Null where they agree.</summary>
    private static string? AnotherThan(DirectoryRecord record, PayloadSplice.Members store)
    {
        foreach (var (field, name) in NamesOfStore)
            if (Lessons.Text(store.Find(name)) is { } own && record.Values[field] is { } known && own != known) return own;
        return null;
    }

    private static void AddStore(PayloadSplice.Members store, string id, DirectoryRecord record)
    {
        store.Json("id", id);
        store.Fact("code", record, StoreFields.Code);
        store.Fact("name", record, StoreFields.Name);
        store.Fact("externalId", record, StoreFields.ExternalId);
        store.Fact("externalId1", record, StoreFields.ExternalId1);
        store.Fact("externalId2", record, StoreFields.ExternalId2);
    }

    private static void AddPoints(PayloadSplice.Members data, EventFragments fragments, DirectoryFacts facts, long at, List<string> unknown)
    {
        if (data.Has(EventPlaces.BalanceField)) return;
        var program = fragments.ProgramId;
        // What the event tells itself is newer than anything else, whatever the directory has learned.
        foreach (var (ofProgram, own, _) in fragments.Balances)
        {
            if (ofProgram != (program ?? 0) && (program is not null || fragments.Balances.Count > 1)) continue;
            Say(own, at);
            return;
        }

        if (fragments.Customer is not { } customer)
        {
            unknown.Add(WithoutId("customer"));
            return;
        }

        var known = facts.Customers.GetValueOrDefault(customer)?.Points ?? [];
        var fitting = program is null && known is [var only] ? only : null;
        for (var i = 0; i < known.Count; i++)
            if (known[i].ProgramId == (program ?? 0)) fitting = known[i];
        if (fitting is not null) Say(fitting.Available, fitting.OriginAt);
        else if (program is { } named) unknown.Add(FormattableString.Invariant($"points balance of customer {customer} in programme {named} unknown"));
        else if (known.Count > 1) unknown.Add(FormattableString.Invariant($"points balance of customer {customer} is known for {known.Count} programmes, and the event names none"));
        else unknown.Add(FormattableString.Invariant($"points balance of customer {customer} unknown"));

        void Say(double available, long ticks)
        {
            data.Json(EventPlaces.BalanceField, available.ToString("R", System.Globalization.CultureInfo.InvariantCulture));
            data.Json(EventPlaces.BalanceAtField, new DateTimeOffset(ticks, TimeSpan.Zero).ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private static void AddAward(PayloadSplice.Members data, EventFragments fragments, DirectoryFacts facts, List<string> unknown)
    {
        if (data.Has(EventPlaces.AwardField)) return;
        if (fragments.Customer is not { } customer) unknown.Add(WithoutId("customer"));
        else if (facts.Customers.GetValueOrDefault(customer)?.AwardOf(fragments.EventKey) is not { } award) unknown.Add("awarded reference unknown");
        else
        {
            data.Json(EventPlaces.AwardField, award.Reference);
            data.Text(EventPlaces.AwardTypeField, award.ReferenceType);
        }
    }
}
