using System.Globalization;
using System.Text.Json.Nodes;
using EnsAdmin.Catalog;

namespace EnsAdmin.Demo;

/// <summary>The events of the demo's trickle.</summary>
internal static class DemoEvents
{
    private static readonly string[] Usual = ["transactionAdded", "pointsIssued", "customerAdded", "transactionAdded", "pointsRedeemed", "customerUpdated", "pointsIssued"];

    /// <summary>What a shop sends all day, and between them every other current type in turn.</summary>
    /// <param name="number">From 0.</param>
    public static string NameOf(EventCatalog catalog, int number)
    {
        if (number % 2 == 0) return Usual[number / 2 % Usual.Length];
        var all = catalog.All.Where(t => t.IsCurrent).ToList();
        return all[number / 2 % all.Count].Name;
    }

    /// <summary>The type's example as an event of now: another customer's, and of another bill, group or reward where it is about one.</summary>
    public static JsonObject Of(EventCatalog catalog, string name, int orgId, int number, DateTimeOffset now)
    {
        var example = catalog.ExampleOf(name, orgId);
        var customer = ExampleValues.CustomerId.ToString(CultureInfo.InvariantCulture);
        var entity = JsonNode.Parse(example)!["refId"]!.GetValue<string>().Split('_')[1];
        // Wherever they stand, so that no two places of an event speak of different ones.
        example = example.Replace(customer, DemoRecords.CustomerOf(number).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        if (entity != customer)
            example = example.Replace(entity, long.TryParse(entity, CultureInfo.InvariantCulture, out var id) ? (id + number).ToString(CultureInfo.InvariantCulture) : Guid.NewGuid().ToString(), StringComparison.Ordinal);

        var message = JsonNode.Parse(example)!.AsObject();
        DemoRecords.Thin(message["data"], number);
        message["eventId"] = Guid.NewGuid().ToString();
        message["apiRequestId"] = Guid.NewGuid().ToString("N");
        message["createdAt"] = now.ToUnixTimeMilliseconds();
        return message;
    }
}
