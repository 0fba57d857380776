using System.Globalization;
using System.Text.Json.Nodes;

namespace EnsAdmin.Demo;

/// <summary>The demo's shops, tills and members. Its events name them and say little of them, as tills do: enrichment has something to add.</summary>
internal static class DemoRecords
{
    private const long FirstCustomer = 684_494_000, FirstTill = 1_111_668;
    private const int Customers = 500;

    private static readonly (string Code, string Name, string Zone)[] Shops = [("harbour", "Harbour Street", "Europe/London"), ("market", "Market Square", "Europe/London"), ("quay", "Old Quay", "Europe/Lisbon")];

    /// <summary>Whom the event of this number is about.</summary>
    public static long CustomerOf(int number) => FirstCustomer + number * 37 % Customers;

    /// <summary>What the directory is told, by the path that takes it.</summary>
    public static IEnumerable<(string Path, JsonArray Records)> All()
    {
        yield return ("/v3/directory/stores", [.. Shops.Index().Select(s => new JsonObject { ["storeId"] = 8841 + s.Index, ["code"] = s.Item.Code, ["name"] = s.Item.Name, ["externalId"] = $"ST-{107 + s.Index:0000}", ["timeZone"] = s.Item.Zone })]);
        yield return ("/v3/directory/tills", [.. Shops.Index().SelectMany(s => Enumerable.Range(0, 2).Select(t => (JsonNode)Till(s.Index, s.Item.Code, s.Item.Name, t)))]);
        yield return ("/v3/directory/customers", [.. Enumerable.Range(0, Customers).Select(n => (JsonNode)Customer(n))]);
    }

    /// <summary>Leaves of who recorded an event the till's id, and of a customer the mobile number.</summary>
    public static void Thin(JsonNode? node, int number)
    {
        if (node is JsonArray list) foreach (var item in list) Thin(item, number);
        if (node is not JsonObject place) return;
        if (place["id"] is not null && (place.Remove("till") | place.Remove("store"))) place["id"] = FirstTill + number % (2 * Shops.Length);
        if (place["customerId"] is not null && place["instore"] is JsonObject) place["instore"] = new JsonObject { ["mobile"] = Mobile((int)(CustomerOf(number) - FirstCustomer)) };
        foreach (var (_, value) in place) Thin(value, number);
    }

    private static JsonObject Till(int shop, string code, string name, int number) =>
        new JsonObject { ["tillId"] = FirstTill + 2 * shop + number, ["code"] = $"till.{code}.{number + 1:00}", ["name"] = $"{name}, till {number + 1}", ["storeId"] = 8841 + shop };

    private static JsonObject Customer(int number)
    {
        var instore = new JsonObject { ["mobile"] = Mobile(number), ["email"] = $"member{number}@example.com", ["externalId"] = $"EXT-{10_000 + number}" };
        if (number % 3 == 0) instore["cards"] = new JsonArray(new JsonObject { ["number"] = $"6200{1_000_000 + number * 13}", ["externalId"] = $"C-{number}" });
        var customer = new JsonObject { ["customerId"] = FirstCustomer + number, ["instore"] = instore };
        if (number % 5 == 0)
            customer["wechat"] = new JsonObject { ["accounts"] = new JsonArray(new JsonObject { ["accountId"] = "harbour", ["identifiers"] = new JsonArray(new JsonObject { ["identifierType"] = "openid", ["identifierValue"] = $"o-{number * 31}" }) }) };
        return customer;
    }

    private static string Mobile(int number) => (447_700_900_000 + number).ToString(CultureInfo.InvariantCulture);
}
