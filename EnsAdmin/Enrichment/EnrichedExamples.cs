using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EnsAdmin.Catalog;
using EnsAdmin.Data;
using EnsAdmin.Domain;

namespace EnsAdmin.Enrichment;

/// <summary>
/// Examples of what a webhook gets with its settings. They are enriched like real events, over a directory that knows what the example with everything in it says: what
/// is shown is what will be sent.
/// </summary>
public sealed class EnrichedExamples(EventCatalog catalog, FragmentReader reader)
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>The example with these facts, and without any; the same where none belongs into it.</returns>
    public (string Enriched, string Bare) Of(string eventName, int orgId, EnrichmentFacts facts)
    {
        var bare = Encoding.UTF8.GetBytes(BareOf(eventName, orgId).ToJsonString(Json));
        return (Encoding.UTF8.GetString(PayloadAdditions.Apply(bare, Make(eventName, orgId, bare, facts).Made.Added)), Encoding.UTF8.GetString(bare));
    }

    /// <summary>The example as a producer sends it: of a customer's identifiers only the one that its call used.</summary>
    public JsonObject BareOf(string eventName, int orgId)
    {
        var message = JsonNode.Parse(catalog.ExampleOf(eventName, orgId))!.AsObject();
        Strip(message);
        return message;
    }

    /// <summary>What a webhook gets of an example that is sent to it: what is shown beside its settings, since the ids of examples are in no directory.</summary>
    /// <returns>With the facts that have a place in it.</returns>
    public (EnrichmentFacts Facts, MadePayload Made) Make(string eventName, int orgId, byte[] bare, EnrichmentFacts wanted)
    {
        using var message = JsonDocument.Parse(bare);
        if (reader.Read(eventName, message.RootElement, null) is not { } fragments || (wanted & fragments.Takes) is var facts && facts == 0) return (EnrichmentFacts.None, new MadePayload(null, null));
        return (facts, Enricher.Enrich(fragments, facts, Known(eventName, orgId, fragments), CreatedAt(message.RootElement).UtcTicks));
    }

    private static void Strip(JsonNode node)
    {
        if (node is JsonArray list) foreach (var item in list.OfType<JsonNode>()) Strip(item);
        if (node is not JsonObject members) return;
        if (members.ContainsKey("customerId") && members["instore"] is JsonObject instore && instore.ContainsKey("mobile"))
            foreach (var name in instore.Select(m => m.Key).Where(k => k != "mobile").ToList()) instore.Remove(name);
        foreach (var member in members.Select(m => m.Value).OfType<JsonNode>()) Strip(member);
    }

    private DirectoryFacts Known(string eventName, int orgId, EventFragments bare)
    {
        using var whole = JsonDocument.Parse(catalog.ExampleOf(eventName, orgId, enriched: true));
        var told = reader.Read(eventName, whole.RootElement, null)!;
        var origin = FactOrigin.Imported(0, DateTimeOffset.UnixEpoch);
        DirectoryRecord Record(DirectoryKind kind, DirectoryChange change) => DirectoryRecord.Empty(kind, change.Id).Merge(change, origin)!;
        var (tills, stores, customers) = (new Dictionary<long, DirectoryRecord>(), new Dictionary<long, DirectoryRecord>(), new Dictionary<long, DirectoryRecord>());
        foreach (var (id, at) in told.Tills)
        {
            var storeId = Lessons.Id(at.Find("store")?.Find("id"));
            if (id is { } tillId && Lessons.OfTill(tillId, at.Find("till"), storeId) is { } till) tills[tillId] = Record(DirectoryKind.Tills, till);
            if (storeId is { } store && Lessons.OfStore(store, at.Find("store")!) is { } change) stores[store] = Record(DirectoryKind.Stores, change);
        }

        foreach (var (id, at) in told.Customers)
            if (id is { } customerId && Lessons.OfCustomer(customerId, at, InstoreUpdates.None) is { } change) customers[customerId] = Record(DirectoryKind.Customers, change);
        if (bare.Customer is { } main)
        {
            var customer = customers.GetValueOrDefault(main) ?? DirectoryRecord.Empty(DirectoryKind.Customers, main);
            if (told.Data.Find(EventPlaces.BalanceField)?.Text is { } points)
                customer = customer.With(new CustomerPoints(bare.ProgramId ?? 0, double.Parse(points, CultureInfo.InvariantCulture), origin.Text, DateTimeOffset.UnixEpoch.AddMilliseconds(MomentOf(told)).UtcTicks)) ?? customer;
            if (told.Data.Find(EventPlaces.AwardField)?.Text is { } award)
                customer = customer.With(new AwardedReference(bare.EventKey, award, told.Data.Find(EventPlaces.AwardTypeField)?.Text, origin.Text, origin.At)) ?? customer;
            customers[main] = customer;
        }

        return new DirectoryFacts(tills) { Stores = stores, Customers = customers };
    }

    private static DateTimeOffset CreatedAt(JsonElement message) => DateTimeOffset.FromUnixTimeMilliseconds(message.GetProperty("createdAt").GetInt64());

    private static long MomentOf(EventFragments told) => Lessons.Id(told.Data.Find(EventPlaces.BalanceAtField)) ?? 0;
}
