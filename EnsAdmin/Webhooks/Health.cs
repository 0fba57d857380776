using EnsAdmin.Shared;

namespace EnsAdmin.Webhooks;

/// <summary>How a webhook fares, in the words of the list.</summary>
public static class Health
{
    public static StatusKind Kind(WebhookRow row) => !row.Active ? StatusKind.Inactive : row.FailingSince is null ? StatusKind.Active : StatusKind.Retrying;

    public static string Word(WebhookRow row) => !row.Active ? "Inactive" : row.FailingSince is null ? "Active" : "Failing";
}
