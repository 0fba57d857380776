using EnsAdmin.Domain;
using EnsAdmin.Webhooks;

namespace EnsAdmin.Tests.Webhooks;

public sealed class WebhookDifferenceTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 14, 10, 0, 0, TimeSpan.Zero);

    private static readonly WebhookDetails Before = new("id", 1655, "orders", "https://mine.example", "POST", true, 20, 30, false, null, PayloadEnrichment.None,
        ["Authorization"], ["customerAdded"], Guid.Empty, 1, Now, "test", Now, "test");

    [Fact]
    public void Each_changed_field_is_named_as_in_the_form_with_both_values()
    {
        var after = Before with
        {
            Url = "https://theirs.example", Method = "PUT", Active = false, MaxConnections = 7, SlaSeconds = 0, ReplayThrottled = true, ReplayWindowHours = 48,
            Enrichment = PayloadEnrichment.None with { Store = true, CustomerIdentifierSources = ["Instore"] },
        };

        Assert.Equal(
            [
                "Webhook URL: https://theirs.example (was https://mine.example)", "Method: PUT (was POST)", "Status: inactive (was active)",
                "Payload enrichment: store, InStore identifiers (was none)", "Maximum allowed connections: 7 (was 20)", "Delivery SLA in seconds: 0 (was 30)",
                "Replay window in hours: 48 (was the installation's own)", "Replay of 429 and 408: on (was off)",
            ],
            WebhookDifference.Say(Before, after));
    }

    [Fact]
    public void What_came_and_went_is_named_and_many_names_are_counted()
    {
        var after = Before with { HeaderNames = ["X-Brand"], EventNames = ["a", "b", "c", "d", "e", "f", "g"] };

        Assert.Equal(["Header keys removed: Authorization", "Header keys added: X-Brand", "Events removed: customerAdded", "Events added: a, b, c, d, e and 2 more"], WebhookDifference.Say(Before, after));
    }

    [Fact]
    public void A_header_that_is_only_spelt_differently_is_no_change() => Assert.Empty(WebhookDifference.Say(Before, Before with { HeaderNames = ["AUTHORIZATION"] }));
}
