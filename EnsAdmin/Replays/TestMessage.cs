using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace EnsAdmin.Replays;

/// <summary>Says what came of a test event, with a way to its delivery.</summary>
public static class TestMessage
{
    private const int LongEnoughToFollowMs = 10_000;

    /// <param name="sent">Null when the webhook is no more.</param>
    /// <param name="address">The address of the page of a delivery.</param>
    public static void Show(ISnackbar messages, NavigationManager navigation, string webhook, TestResult? sent, Func<long, string> address)
    {
        if (sent is null)
        {
            messages.Add($"{webhook} was deleted meanwhile.", Severity.Warning);
            return;
        }

        if (sent.Attempt is not { } attempt)
        {
            messages.Add($"The test event to {webhook} was not sent: all connections stayed in use.", Severity.Warning);
            return;
        }

        var words = $"Test {sent.EventName} to {webhook}, like {(sent.LikeLast ? "the last real event" : "the example")}: {attempt.Reason} in {TimeWords.Duration(attempt.Duration)}";
        if (sent.Instead is { } instead) words += $". {instead}";
        messages.Add(words, attempt.Outcome == AttemptOutcome.Success ? Severity.Success : Severity.Error, o =>
        {
            (o.Action, o.ActionVariant, o.ActionColor, o.VisibleStateDuration) = ("Show", Variant.Text, Color.Inherit, LongEnoughToFollowMs);
            o.OnClick = _ =>
            {
                navigation.NavigateTo(address(sent.DeliveryId));
                return Task.CompletedTask;
            };
        });
    }
}
