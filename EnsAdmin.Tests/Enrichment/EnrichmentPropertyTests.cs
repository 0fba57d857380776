using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Enrichment;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Catalog;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Enrichment;

/// <summary>What holds for every event of the catalogue, whatever is asked for, known, and in the payload already.</summary>
public sealed class EnrichmentPropertyTests
{
    private const int Tries = 60;

    private static readonly FragmentReader Reader = new(CatalogNames.Catalog);

    public static TheoryData<string> Names => CatalogNames.All;

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_is_lost_only_what_was_asked_for_is_added_and_the_schema_still_holds(string name)
    {
        for (var seed = 0; seed < Tries; seed++)
        {
            var chance = new Random(seed);
            var payload = Payload(name, chance);
            var wanted = seed % 4 == 0 ? EnrichmentFacts.All : (EnrichmentFacts)chance.Next(0x1_0000);
            var (body, _) = Enrich(name, payload, wanted, chance);
            if (body is null) continue;

            using var before = JsonDocument.Parse(payload);
            using var after = JsonDocument.Parse(body, JsonFaults.Strict); // Refuses names that are given twice.
            if (CatalogNames.Catalog.Validate(name, before.RootElement).Count == 0) Assert.Empty(CatalogNames.Catalog.Validate(name, after.RootElement));
            var added = new List<string>();
            Compare(before.RootElement, after.RootElement, "", added);
            Assert.NotEmpty(added);
            Assert.All(added, path => Assert.True((FactOf(path) & wanted) != 0, $"seed {seed}: {path} was added, asked for was {wanted}"));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void All_that_is_asked_for_and_known_is_there(string name)
    {
        var bare = Encoding.UTF8.GetBytes(CatalogNames.Catalog.ExampleOf(name, 1655));
        using var message = JsonDocument.Parse(bare);
        if (Reader.Read(name, message.RootElement, "r-1") is not { } fragments) return;
        var (body, unknown) = Enrich(name, bare, EnrichmentFacts.All, null);
        Assert.Null(unknown);
        if (fragments.Takes == 0) return;
        using var after = JsonDocument.Parse(body!);
        var added = new List<string>();
        Compare(message.RootElement, after.RootElement, "", added);
        Assert.Equal(fragments.Takes & ~EnrichmentFacts.Instore, added.Aggregate(EnrichmentFacts.None, (all, path) => all | FactOf(path)) & ~EnrichmentFacts.Instore); // Examples have an InStore profile already.
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Who_asks_for_nothing_or_knows_nothing_changes_nothing(string name)
    {
        var payload = Payload(name, new Random(7));
        using var message = JsonDocument.Parse(payload);
        if (Reader.Read(name, message.RootElement, "r-1") is not { } fragments) return;
        Assert.Equal(new MadePayload(null, null), Enricher.Enrich(fragments, EnrichmentFacts.None, new DirectoryFacts(new Dictionary<long, DirectoryRecord>()), 0));
        var (body, _) = Enricher.Enrich(fragments, EnrichmentFacts.All & ~EnrichmentFacts.AvailablePoints, new DirectoryFacts(new Dictionary<long, DirectoryRecord>()), 0);
        Assert.Null(body); // A balance may come from the event itself.
    }

    private static (byte[]? Body, string? Unknown) Enrich(string name, byte[] payload, EnrichmentFacts wanted, Random? chance)
    {
        using var message = JsonDocument.Parse(payload);
        if (Reader.Read(name, message.RootElement, "r-1") is not { } fragments) return (null, null);
        var (added, unknown) = Enricher.Enrich(fragments, wanted & fragments.Takes, FactsFor(fragments, chance), 638_000_000_000_000_000);
        return (added is null ? null : PayloadAdditions.Apply(payload, added), unknown);
    }

    /// <summary>An example, with all or nothing of what enrichment adds, of which members are left out here and there.</summary>
    private static byte[] Payload(string name, Random chance)
    {
        var message = JsonNode.Parse(CatalogNames.Catalog.ExampleOf(name, 1655, enriched: chance.Next(3) > 0))!;
        Thin(message["data"]!, chance, chance.Next(3) * 0.15);
        return Encoding.UTF8.GetBytes(message.ToJsonString(new JsonSerializerOptions { WriteIndented = chance.Next(2) == 0 }));
    }

    private static void Thin(JsonNode node, Random chance, double share)
    {
        if (node is JsonArray list) foreach (var item in list) if (item is not null) Thin(item, chance, share);
        if (node is not JsonObject members) return;
        foreach (var (key, value) in members.ToList())
        {
            if (chance.NextDouble() < share && (key is not ("customerId" or "id") || chance.Next(3) == 0)) members.Remove(key);
            else if (value is JsonArray items && chance.NextDouble() < share) items.Clear();
            else if (value is JsonObject inside && chance.NextDouble() < share * 0.3) inside.Clear();
            else if (value is not null) Thin(value, chance, share);
        }
    }

    /// <param name="chance">Leaves some of it unknown; null for everything.</param>
    private static DirectoryFacts FactsFor(EventFragments fragments, Random? chance)
    {
        bool Known() => chance is null || chance.Next(5) > 0;
        string? Value(string text) => Known() ? text : null;
        var origin = FactOrigin.Imported(1, DateTimeOffset.UnixEpoch);
        DirectoryRecord Record(DirectoryKind kind, long id, params (string, string?)[] facts) => DirectoryRecord.Empty(kind, id).Merge(Some.Fact(kind, id, facts), origin)!;
        var tills = fragments.Tills.Select(t => t.Id).OfType<long>().Distinct().Where(_ => Known()).ToDictionary(id => id, id => Record(DirectoryKind.Tills, id, ("code", Value("T\"1")), ("name", Value("Käse\\")), ("storeId", Value("8841"))));
        var accounts = """[{"accountId":"uk-main","identifiers":[{"identifierType":"mobile","identifierValue":"9"},{"identifierType":"cuid","identifierValue":"c-1"}]},{"identifiers":[{"identifierType":"x","identifierValue":"y"}]}]""";
        var customers = fragments.Customers.Select(c => c.Id).OfType<long>().Distinct().Where(_ => Known()).ToDictionary(id => id, id => Record(DirectoryKind.Customers, id,
            [("instore.id", Value("9")), ("instore.mobile", Value("911")), ("instore.email", Value("ada@example.com")), ("instore.externalId", Value("X")), ("instore.cards", Value("""[{"number":"1","externalId":"e"},{"number":"2"}]""")),
             .. IdentifierSources.WithAccounts.Select(s => (s.Wire, Value(accounts)))]));
        var facts = new DirectoryFacts(tills)
        {
            Customers = customers,
            Stores = new[] { 8841L }.Concat(fragments.Tills.Select(t => Lessons.Id(t.At.Find("store")?.Find("id"))).OfType<long>()).Distinct().Where(_ => Known()).ToDictionary(id => id,
                id => Record(DirectoryKind.Stores, id, ("code", Value("HC")), ("name", Value("Harbour")), ("externalId", Value("S")), ("externalId1", Value("S1")), ("externalId2", Value("S2")))),
        };
        if (fragments.Customer is not { } main) return facts;
        var customer = customers.GetValueOrDefault(main) ?? DirectoryRecord.Empty(DirectoryKind.Customers, main);
        if (Known()) customer = customer.With(new CustomerPoints(fragments.ProgramId ?? 0, 12.5, origin.Text, 638_000_000_000_000_000))!;
        if (Known()) customer = customer.With(new AwardedReference(fragments.EventKey, "5501", Value("POINT_AWARDED"), origin.Text, 638_000_000_000_000_000))!;
        customers[main] = new DirectoryRecord(DirectoryKind.Customers, main, RecordJson.Read(DirectoryKind.Customers, customer.Json.Bytes), (customer.Origin?.Text ?? "", 0), null, 0); // As it is read.
        return facts;
    }

    /// <summary>All that was there is there in the same characters and order; collects the paths of the rest.</summary>
    private static void Compare(JsonElement before, JsonElement after, string path, List<string> added)
    {
        Assert.Equal(before.ValueKind, after.ValueKind);
        if (before.ValueKind == JsonValueKind.Object)
        {
            Assert.Equal(before.EnumerateObject().Select(m => m.Name), after.EnumerateObject().Select(m => m.Name).Take(before.EnumerateObject().Count()));
            foreach (var member in after.EnumerateObject())
            {
                if (before.TryGetProperty(member.Name, out var was)) Compare(was, member.Value, $"{path}/{member.Name}", added);
                else added.AddRange(Leaves(member.Value, $"{path}/{member.Name}"));
            }
        }
        else if (before.ValueKind == JsonValueKind.Array)
        {
            foreach (var (i, item) in after.EnumerateArray().Index())
            {
                if (i < before.GetArrayLength()) Compare(before[i], item, $"{path}/{i}", added);
                else added.AddRange(Leaves(item, $"{path}/{i}"));
            }
        }
        else Assert.Equal(before.GetRawText(), after.GetRawText());
    }

    private static IEnumerable<string> Leaves(JsonElement at, string path) => at.ValueKind switch
    {
        JsonValueKind.Object => at.EnumerateObject().SelectMany(m => Leaves(m.Value, $"{path}/{m.Name}")),
        JsonValueKind.Array => at.EnumerateArray().Index().SelectMany(i => Leaves(i.Item, $"{path}/{i.Index}")),
        _ => [path],
    };

    /// <summary>The fact that a leaf belongs to.</summary>
    private static EnrichmentFacts FactOf(string path)
    {
        var parts = path.Split('/');
        if (path is "/data/availablePointsBalance" or "/data/availablePointsBalanceAt") return EnrichmentFacts.AvailablePoints;
        if (path is "/data/pointAwardedRefID" or "/data/pointsAwardedRefType") return EnrichmentFacts.AwardedReference;
        if (parts[^2] == "till" && parts[^1] is "code" or "name") return EnrichmentFacts.Till;
        if (parts[^2] == "store" && parts[^1] is "id" or "code" or "name" or "externalId" or "externalId1" or "externalId2") return EnrichmentFacts.Store;
        if (parts[^2] == "instore" && parts[^1] is "cardnumber" or "cardexternalid" || parts[^2] == "cardNumbers") return EnrichmentFacts.CardNumber;
        if (parts[^2] == "instore") return EnrichmentFacts.Instore;
        return IdentifierSources.WithAccounts.FirstOrDefault(s => parts.Contains(s.Wire))?.Fact ?? EnrichmentFacts.None;
    }
}
