using System.Globalization;
using EnsAdmin.Dispatch;
using EnsAdmin.Domain;
using EnsAdmin.Shared;

namespace EnsAdmin.Activity;

/// <summary>Deliveries and attempts in the words of the screens.</summary>
public static class StatusWords
{
    public static (StatusKind Kind, string Word) Of(DeliveryStatus status) => status switch
    {
        DeliveryStatus.Queued => (StatusKind.Pending, "Pending"),
        DeliveryStatus.Claimed => (StatusKind.Pending, "Sending"),
        DeliveryStatus.ReplayScheduled => (StatusKind.Retrying, "Retrying"),
        DeliveryStatus.Delivered => (StatusKind.Success, "Success"),
        DeliveryStatus.Rejected => (StatusKind.Failed, "Failed"),
        DeliveryStatus.Expired => (StatusKind.Failed, "Expired"),
        _ => (StatusKind.Inactive, "Cancelled"),
    };

    /// <summary>A pause that is being counted down, in whole seconds: "40 s", "3 min 5 s".</summary>
    public static string Countdown(TimeSpan value) => value.TotalMinutes < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, Math.Ceiling(value.TotalSeconds)):0} s")
        : TimeWords.Duration(value);

    /// <summary>Why an attempt was made.</summary>
    public static string Of(AttemptTrigger trigger) => trigger switch
    {
        AttemptTrigger.Manual => "replayed by hand",
        AttemptTrigger.Test => "test",
        _ => "scheduled",
    };

    /// <summary>What the log says in its column "Answer".</summary>
    /// <param name="held">Whether its webhook is inactive, so that nothing is sent.</param>
    /// <param name="failing">Whether its webhook fails, so that one call at a time probes it and the others wait.</param>
    public static string Answer(DeliveryStatus status, string? reason, DateTimeOffset dueAt, DateTimeOffset now, bool held = false, bool failing = false) => OnItsWay(status, reason, held, failing) ?? status switch
    {
        DeliveryStatus.ReplayScheduled => dueAt > now ? $"{Last(reason)}; next in {Countdown(dueAt - now)}" : $"{Last(reason)}; next attempt is due",
        DeliveryStatus.Queued => "Waits for its first attempt",
        DeliveryStatus.Claimed when reason is null => "Being sent, or next to be", // A few more are claimed than have a call.
        _ => reason ?? "",
    };

    /// <summary>The same for what is on its way where the last reason alone would mislead: it waits for its webhook, which is inactive or fails, or is called again. Null for any other.</summary>
    public static string? OnItsWay(DeliveryStatus status, string? reason, bool held, bool failing) => status switch
    {
        DeliveryStatus.Queued when held => "Held while the webhook is inactive",
        DeliveryStatus.ReplayScheduled when held => $"{Last(reason)}; held while the webhook is inactive",
        DeliveryStatus.Queued when failing => "Webhook failing; waits for its first attempt",
        DeliveryStatus.ReplayScheduled when failing => $"{Last(reason)}; webhook failing, waits for its next attempt",
        DeliveryStatus.Claimed when reason is not null => $"Being sent, or next to be; before: {Last(reason)}",
        _ => null,
    };

    /// <summary>When the next attempt may be made; null where none is to come, and where it waits for its webhook.</summary>
    public static DateTimeOffset? NextAttemptAt(DeliveryStatus status, DateTimeOffset dueAt, bool held, bool failing) =>
        status is DeliveryStatus.Queued or DeliveryStatus.ReplayScheduled && !held && !failing ? dueAt : null;

    // Somebody asked for the replay that was not to be.
    private static string? Last(string? reason) => reason?.EndsWith(Recorder.NotReplayed, StringComparison.Ordinal) == true ? reason[..^Recorder.NotReplayed.Length] : reason;
}
