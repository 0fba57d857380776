using EnsAdmin.Domain;
using EnsAdmin.Shared;
using EnsAdmin.Webhooks;

namespace EnsAdmin.Tests.Webhooks;

public sealed class HealthTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 14, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Before_the_first_attempt_there_is_nothing_to_say() => Assert.Equal(("Active", "Nothing sent yet"), Say(Row(null, null, null)));

    [Fact]
    public void A_webhook_whose_last_attempt_succeeded_is_healthy() => Assert.Equal(("Active", "Healthy"), Say(Row(AttemptOutcome.Success, "200 OK", null)));

    [Fact]
    public void Failing_says_since_when_and_why() =>
        Assert.Equal(("Failing", "Failing since 09:12 · Connection refused"), Say(Row(AttemptOutcome.NoResponse, "Connection refused", Now.AddMinutes(-48))));

    [Theory]
    [InlineData(AttemptOutcome.ClientError)]
    [InlineData(AttemptOutcome.Redirect)]
    public void A_webhook_that_never_took_anything_refuses_every_event(AttemptOutcome outcome) =>
        Assert.Equal(("Refusing", "Refuses every event · 400 Bad Request"), Say(Row(outcome, "400 Bad Request", null)));

    [Fact]
    public void Refusing_says_since_when_nothing_was_taken() =>
        Assert.Equal(("Refusing", "Refuses every event since 09:12 · 400 Bad Request"), Say(Row(AttemptOutcome.ClientError, "400 Bad Request", null) with { LastSuccessAt = Now.AddMinutes(-48) }));

    [Fact]
    public void One_refusal_among_successes_is_said_and_is_no_trouble() =>
        Assert.Equal(("Active", "Last one refused · 400 Bad Request"), Say(Row(AttemptOutcome.ClientError, "400 Bad Request", null) with { LastSuccessAt = Now.AddSeconds(-20) }));

    [Fact]
    public void Trouble_has_a_colour()
    {
        Assert.Equal(StatusKind.Failed, Health.Kind(Row(AttemptOutcome.ClientError, "400 Bad Request", null)));
        Assert.Equal(StatusKind.Retrying, Health.Kind(Row(AttemptOutcome.ServerError, "500 Internal Server Error", Now)));
        Assert.Equal(StatusKind.Active, Health.Kind(Row(AttemptOutcome.Success, "200 OK", null)));
    }

    [Fact]
    public void An_inactive_webhook_is_inactive_whatever_came_before() => Assert.Equal("Inactive", Health.Word(Row(AttemptOutcome.ServerError, "500", Now) with { Active = false }));

    private static (string, string) Say(WebhookRow row) => (Health.Word(row), Health.Say(row, Now, TimeZoneInfo.Utc));

    private static WebhookRow Row(AttemptOutcome? outcome, string? reason, DateTimeOffset? failingSince) =>
        new("id", "orders", "https://orders.example", true, [], 0, outcome is null ? null : Now, outcome, reason, null, failingSince);
}
