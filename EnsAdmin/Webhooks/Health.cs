using EnsAdmin.Domain;
using EnsAdmin.Shared;

namespace EnsAdmin.Webhooks;

/// <summary>How a webhook fares, in the words of the screens.</summary>
public static class Health
{
    /// <summary>A receiver that takes most events and refuses some is well; one that took none for this long is not.</summary>
    private static readonly TimeSpan RefusingAfter = TimeSpan.FromMinutes(1);

    public static StatusKind Kind(WebhookRow row) => row switch
    {
        { Active: false } => StatusKind.Inactive,
        { FailingSince: not null } => StatusKind.Retrying,
        _ when Refuses(row.LastOutcome, row.LastAttemptAt, row.LastSuccessAt) => StatusKind.Failed,
        _ => StatusKind.Active,
    };

    public static string Word(WebhookRow row) => Kind(row) switch
    {
        StatusKind.Inactive => "Inactive",
        StatusKind.Retrying => "Failing",
        StatusKind.Failed => "Refusing",
        _ => "Active",
    };

    /// <summary>"Healthy", "Failing since 09:12 · Connection refused", "Refuses every event since 09:12 · 400 Bad Request", "Last one refused · 400 Bad Request", "Nothing sent yet".</summary>
    public static string Say(WebhookRow row, DateTimeOffset now, TimeZoneInfo zone) => row switch
    {
        { LastAttemptAt: null } => "Nothing sent yet",
        { FailingSince: not null } => $"{Trouble(row, now, zone)} · {row.LastReason}",
        { LastOutcome: AttemptOutcome.Success } => "Healthy",
        _ => $"{Trouble(row, now, zone) ?? "Last one refused"} · {row.LastReason}",
    };

    /// <summary>"Failing since 09:12", "Refuses every event since 09:12", "Refuses every event"; null where nothing is wrong.</summary>
    public static string? Trouble(WebhookRow row, DateTimeOffset now, TimeZoneInfo zone) => row switch
    {
        { FailingSince: { } since } => $"Failing since {TimeWords.Minute(since, now, zone)}",
        _ when !Refuses(row.LastOutcome, row.LastAttemptAt, row.LastSuccessAt) => null,
        { LastSuccessAt: { } since } => $"Refuses every event since {TimeWords.Minute(since, now, zone)}",
        _ => "Refuses every event",
    };

    /// <summary>Whether nothing arrives any more because the receiver refuses it for good.</summary>
    public static bool Refuses(AttemptOutcome? last, DateTimeOffset? lastAttempt, DateTimeOffset? lastSuccess) =>
        last is AttemptOutcome.ClientError or AttemptOutcome.Redirect && (lastSuccess is null || lastAttempt - lastSuccess >= RefusingAfter);
}
