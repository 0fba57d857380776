using System.Text.Json;
using EnsAdmin.Catalog;

namespace EnsAdmin.Tests.Catalog;

public sealed class ExamplePayloadTests(Judge judge) : IClassFixture<Judge>
{
    private static readonly EventCatalog Catalog = CatalogNames.Catalog;

    public static TheoryData<string> Names => CatalogNames.All;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_example_is_valid_to_us_and_to_another_judge(string name)
    {
        var example = Catalog.ExampleOf(name, 1115);
        using var message = JsonDocument.Parse(example);
        Assert.Empty(Catalog.Validate(name, message.RootElement));
        Assert.Empty(Judge.Pointers(await judge.Read(name), example));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_example_is_a_whole_message_and_the_same_every_time(string name)
    {
        var example = Catalog.ExampleOf(name, 1115);
        Assert.Equal(example, EventCatalog.LoadEmbedded().ExampleOf(name, 1115));

        using var document = JsonDocument.Parse(example);
        var message = document.RootElement;
        Assert.Equal(["eventName", "eventId", "orgId", "refId", "apiRequestId", "createdAt", "data"], message.EnumerateObject().Select(p => p.Name));
        Assert.Equal(Catalog.Find(name)!.WireName, message.GetProperty("eventName").GetString());
        Assert.True(Guid.TryParse(message.GetProperty("eventId").GetString(), out _));
        Assert.Equal(1115, message.GetProperty("orgId").GetInt32());
        Assert.Matches("^1115_[0-9A-Za-z-]+$", message.GetProperty("refId").GetString());
        Assert.Equal(2026, DateTimeOffset.FromUnixTimeMilliseconds(message.GetProperty("createdAt").GetInt64()).Year);
    }

    [Fact]
    public void No_two_examples_share_an_event_id() =>
        Assert.Equal(86, Catalog.All.Select(t => JsonDocument.Parse(Catalog.ExampleOf(t.Name, 1)).RootElement.GetProperty("eventId").GetString()).Distinct().Count());

    [Fact]
    public void Values_look_like_what_their_fields_hold()
    {
        using var document = JsonDocument.Parse(Catalog.ExampleOf("transactionAdded", 1115));
        var data = document.RootElement.GetProperty("data");
        var customer = data.GetProperty("customerIdentifiers");
        Assert.Matches("^44[0-9]{10}$", customer.GetProperty("instore").GetProperty("mobile").GetString());
        Assert.EndsWith("@example.com", customer.GetProperty("instore").GetProperty("email").GetString(), StringComparison.Ordinal);
        Assert.Equal($"1115_{data.GetProperty("transactionId")}", document.RootElement.GetProperty("refId").GetString());
        Assert.True(data.GetProperty("enteredAt").GetInt64() <= document.RootElement.GetProperty("createdAt").GetInt64());
        Assert.Equal("REGULAR", data.GetProperty("billType").GetString());
    }

    [Fact]
    public void Fields_of_the_internal_log_and_of_enrichment_are_left_out()
    {
        using var document = JsonDocument.Parse(Catalog.ExampleOf("transactionAdded", 1115));
        var data = document.RootElement.GetProperty("data");
        Assert.False(data.TryGetProperty("outlierStatus", out _));
        Assert.False(data.GetProperty("customerIdentifiers").TryGetProperty("wechat", out _));
    }

    [Fact]
    public void What_set_an_event_off_fits_the_event()
    {
        using var document = JsonDocument.Parse(Catalog.ExampleOf("pointsRedeemed", 1115));
        Assert.Equal("PointsRedemption", document.RootElement.GetProperty("data").GetProperty("triggeringActivity").GetProperty("name").GetString());
    }

    /// <summary>The same thing has one id, wherever it stands and under whichever name.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void An_example_does_not_contradict_itself(string name)
    {
        using var document = JsonDocument.Parse(Catalog.ExampleOf(name, 1115));
        var values = Values(document.RootElement.GetProperty("data"), "data").ToList();
        string[] Of(string field) => [.. values.Where(v => v.Path.EndsWith("/" + field, StringComparison.Ordinal)).Select(v => v.Value).Distinct()];

        foreach (var (inside, beside) in new[] { ("loyaltyProgramDetails/id", "loyaltyProgramId"), ("images/0/id", "imageId"), ("rewards/0/id", "rewardId"), ("targetDetails/id", "targetId"), ("instore/id", "instore/id") })
            Assert.True(Of(inside).Concat(Of(beside)).Distinct().Count() <= 1, inside);
        Assert.True(Of("identifiers/0/value").Concat(Of("transactionId")).Distinct().Count() <= 1);
        foreach (var (path, value) in values.Where(v => v.Path.Contains("/previous", StringComparison.Ordinal) && !v.Path.EndsWith("/name", StringComparison.Ordinal)))
            Assert.DoesNotContain((path.Replace("/previous", "/current", StringComparison.Ordinal), value), values);
    }

    [Fact]
    public void What_a_message_has_in_common_with_others_is_shown_and_fits_its_failure()
    {
        using var document = JsonDocument.Parse(Catalog.ExampleOf("communicationMessageUndelivered", 1115));
        var data = document.RootElement.GetProperty("data");
        Assert.Equal("EMAIL", data.GetProperty("baseAttributes").GetProperty("channel").GetString());
        Assert.Equal("HARD_BOUNCED", data.GetProperty("deliveryFailureStatus").GetString()); // The mailbox does not exist.
        Assert.DoesNotContain("CHANGE_IDENTIFIER", Catalog.ExampleOf("transaction", 1115), StringComparison.Ordinal);
    }

    private static IEnumerable<(string Path, string Value)> Values(JsonElement at, string path) => at.ValueKind switch
    {
        JsonValueKind.Object => at.EnumerateObject().SelectMany(f => Values(f.Value, $"{path}/{f.Name}")),
        JsonValueKind.Array => at.EnumerateArray().Index().SelectMany(i => Values(i.Item, $"{path}/{i.Index}")),
        _ => [(path, at.ToString())],
    };
}
