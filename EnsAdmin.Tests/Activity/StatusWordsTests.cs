using EnsAdmin.Activity;
using EnsAdmin.Domain;

namespace EnsAdmin.Tests.Activity;

public sealed class StatusWordsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 14, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(DeliveryStatus.Queued, "Pending")]
    [InlineData(DeliveryStatus.Claimed, "Sending")]
    [InlineData(DeliveryStatus.ReplayScheduled, "Retrying")]
    [InlineData(DeliveryStatus.Delivered, "Success")]
    [InlineData(DeliveryStatus.Rejected, "Failed")]
    [InlineData(DeliveryStatus.Expired, "Expired")]
    [InlineData(DeliveryStatus.Cancelled, "Cancelled")]
    public void Every_status_has_its_word(DeliveryStatus status, string word) => Assert.Equal(word, StatusWords.Of(status).Word);

    [Theory]
    [InlineData(39.2, "40 s")]
    [InlineData(0.1, "1 s")]
    [InlineData(185, "3 min 5 s")]
    public void A_countdown_goes_by_whole_seconds(double seconds, string words) => Assert.Equal(words, StatusWords.Countdown(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(DeliveryStatus.Queued, null, false, "Waits for its first attempt")]
    [InlineData(DeliveryStatus.Queued, null, true, "Held while the webhook is inactive")]
    [InlineData(DeliveryStatus.ReplayScheduled, "503 Service Unavailable", false, "503 Service Unavailable; next in 40 s")]
    [InlineData(DeliveryStatus.ReplayScheduled, "No answer within 30 s", true, "No answer within 30 s; held while the webhook is inactive")]
    [InlineData(DeliveryStatus.Claimed, null, false, "Being sent, or next to be")]
    [InlineData(DeliveryStatus.Rejected, "404 Not Found: not replayed", false, "404 Not Found: not replayed")]
    public void The_answer_says_what_happened_and_what_comes_next(DeliveryStatus status, string? reason, bool held, string words) =>
        Assert.Equal(words, StatusWords.Answer(status, reason, Now.AddSeconds(40), Now, held));

    [Fact]
    public void A_refused_delivery_that_is_replayed_by_hand_is_not_said_to_be_not_replayed() =>
        Assert.Equal("404 Not Found; next attempt is due", StatusWords.Answer(DeliveryStatus.ReplayScheduled, "404 Not Found: not replayed", Now, Now));

    [Theory]
    [InlineData(DeliveryStatus.ReplayScheduled, true, "Name not found; webhook failing, waits for its next attempt")]
    [InlineData(DeliveryStatus.ReplayScheduled, false, "Name not found; next attempt is due")]
    [InlineData(DeliveryStatus.Queued, true, "Webhook failing; waits for its first attempt")]
    public void What_is_due_and_not_sent_says_why_it_waits(DeliveryStatus status, bool failing, string words) =>
        Assert.Equal(words, StatusWords.Answer(status, "Name not found", Now.AddSeconds(-3), Now, held: false, failing));

    [Fact]
    public void What_waits_for_a_failing_webhook_is_told_no_date() =>
        Assert.Equal("Name not found; webhook failing, waits for its next attempt", StatusWords.Answer(DeliveryStatus.ReplayScheduled, "Name not found", Now.AddMinutes(26), Now, held: false, failing: true));
}
