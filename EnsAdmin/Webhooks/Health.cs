using EnsAdmin.Domain;
using EnsAdmin.Shared;

namespace EnsAdmin.Webhooks;

/// <summary>How a webhook fares, in the words of the screens.</summary>
public static class Health
{
    public static StatusKind Kind(WebhookRow row) => !row.Active ? StatusKind.Inactive : row.FailingSince is null ? StatusKind.Active : StatusKind.Retrying;

    public static string Word(WebhookRow row) => !row.Active ? "Inactive" : row.FailingSince is null ? "Active" : "Failing";

    /// <summary>"Healthy", "Failing since 09:12 · Connection refused", "Refused · 400 Bad Request", "Nothing sent yet".</summary>
    public static string Say(WebhookRow row, DateTimeOffset now, TimeZoneInfo zone) => row switch
    {
        { LastAttemptAt: null } => "Nothing sent yet",
        { FailingSince: { } since } => $"{Since(since, now, zone)} · {row.LastReason}",
        { LastOutcome: AttemptOutcome.Success } => "Healthy",
        _ => $"Refused · {row.LastReason}",
    };

    /// <summary>"Failing since 09:12".</summary>
    public static string Since(DateTimeOffset since, DateTimeOffset now, TimeZoneInfo zone) => $"Failing since {TimeWords.Minute(since, now, zone)}";
}
