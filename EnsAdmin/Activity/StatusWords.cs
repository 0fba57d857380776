using System.Globalization;
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

    /// <summary>"84 ms", "1.2 s", "3 min 5 s", "2 h 10 min".</summary>
    public static string Duration(TimeSpan value) => value switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{value.Minutes} min {value.Seconds} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)value.TotalHours} h {value.Minutes} min"),
    };

    /// <summary>A pause that is being counted down, in whole seconds: "40 s", "3 min 5 s".</summary>
    public static string Countdown(TimeSpan value) => value.TotalMinutes < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, Math.Ceiling(value.TotalSeconds)):0} s")
        : Duration(value);

    /// <summary>Why an attempt was made.</summary>
    public static string Of(AttemptTrigger trigger) => trigger switch
    {
        AttemptTrigger.Manual => "replayed by hand",
        AttemptTrigger.Test => "test",
        _ => "scheduled",
    };

    /// <summary>What the log says in its column "Answer".</summary>
    /// <param name="held">Whether its webhook is inactive, so that nothing is sent.</param>
    public static string Answer(DeliveryStatus status, string? reason, DateTimeOffset dueAt, DateTimeOffset now, bool held = false) => status switch
    {
        DeliveryStatus.Queued when held => "Held while the webhook is inactive",
        DeliveryStatus.ReplayScheduled when held => $"{reason}; held while the webhook is inactive",
        DeliveryStatus.ReplayScheduled when dueAt > now => $"{reason}; next in {Countdown(dueAt - now)}",
        DeliveryStatus.Queued => "Waits for its first attempt",
        DeliveryStatus.Claimed when reason is null => "Being sent",
        _ => reason ?? "",
    };
}
