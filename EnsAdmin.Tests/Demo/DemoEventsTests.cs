using System.Text.Json;
using System.Text.RegularExpressions;
using EnsAdmin.Catalog;
using EnsAdmin.Demo;

namespace EnsAdmin.Tests.Demo;

public sealed partial class DemoEventsTests
{
    private static readonly EventCatalog Catalog = EventCatalog.LoadEmbedded();
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_current_event_type_has_its_turn()
    {
        var sent = Enumerable.Range(0, 2 * 77).Select(n => DemoEvents.NameOf(Catalog, n)).ToList();
        Assert.Equal(Catalog.All.Where(t => t.IsCurrent).Select(t => t.Name).Order(StringComparer.Ordinal), sent.Distinct().Order(StringComparer.Ordinal));
        Assert.True(sent.Count(n => n == "transactionAdded") > 10); // As in a shop, where some happen all day.
    }

    [Fact]
    public void Each_is_valid_and_speaks_of_one_customer_and_one_thing()
    {
        foreach (var (i, type) in Catalog.All.Index())
        {
            var text = DemoEvents.Of(Catalog, type.Name, 1655, i + 1, Now).ToJsonString();
            using var document = JsonDocument.Parse(text);
            Assert.Empty(Catalog.Validate(type.Name, document.RootElement));
            var customer = $"{684_494_000 + (i + 1) * 37 % 500}";
            Assert.DoesNotContain("384016572", text, StringComparison.Ordinal);
            Assert.All(CustomerIds().Matches(text), m => Assert.Equal(customer, m.Groups[1].Value));
            var entity = document.RootElement.GetProperty("refId").GetString()!["1655_".Length..];
            Assert.True(entity == customer || document.RootElement.GetProperty("data").GetRawText().Contains(entity, StringComparison.Ordinal), $"{type.Name}: {entity}");
        }
    }

    [Fact]
    public void Two_events_of_a_type_are_of_two_bills() =>
        Assert.NotEqual($"{DemoEvents.Of(Catalog, "transactionAdded", 1655, 1, Now)["refId"]}", $"{DemoEvents.Of(Catalog, "transactionAdded", 1655, 2, Now)["refId"]}");

    [Fact]
    public void Tills_and_members_are_named_and_what_is_known_of_them_is_in_the_directory()
    {
        var records = DemoRecords.All().SelectMany(r => r.Records).Select(r => r!).ToList();
        var data = DemoEvents.Of(Catalog, "transactionAdded", 1655, 8, Now)["data"]!;
        Assert.Null(data["enteredBy"]!["store"]);
        Assert.Contains(records, r => $"{r["tillId"]}" == $"{data["enteredBy"]!["id"]}");
        var customer = data["customerIdentifiers"]!;
        var known = Assert.Single(records, r => $"{r["customerId"]}" == $"{customer["customerId"]}");
        Assert.Equal($"{known["instore"]!["mobile"]}", $"{customer["instore"]!["mobile"]}");
    }

    [GeneratedRegex("\"customerId\":\"?([0-9]+)")]
    private static partial Regex CustomerIds();
}
