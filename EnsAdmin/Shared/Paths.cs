namespace EnsAdmin.Shared;

/// <summary>The addresses of the screens; links are built here so that a page can move without breaking them.</summary>
public static class Paths
{
    /// <summary>Leads on to the organization last looked at.</summary>
    public const string Home = "/";

    public const string NotFound = "/not-found";

    /// <summary>The part of every organization's addresses that names it.</summary>
    public const string OrganizationParameter = "OrgId";

    public static string EventNotifications(int orgId) => FormattableString.Invariant($"/o/{orgId}/event-notifications");

    public static string NewEventNotification(int orgId) => $"{EventNotifications(orgId)}/new";

    public static string EventNotification(int orgId, string webhookId) => $"{EventNotifications(orgId)}/{Uri.EscapeDataString(webhookId)}";

    public static string EditEventNotification(int orgId, string webhookId) => $"{EventNotification(orgId, webhookId)}/edit";

    public static string Delivery(int orgId, string webhookId, long deliveryId) => FormattableString.Invariant($"{EventNotification(orgId, webhookId)}/deliveries/{deliveryId}");

    public static string ApiKeys(int orgId) => FormattableString.Invariant($"/o/{orgId}/api-keys");
}
