namespace EnsAdmin.Shared;

/// <summary>The addresses of the screens; links are built here so that a page can move without breaking them.</summary>
public static class Paths
{
    public const string EventNotifications = "/event-notifications";

    public const string NewEventNotification = EventNotifications + "/new";

    public const string NotFound = "/not-found";

    public static string EventNotification(string webhookId) => $"{EventNotifications}/{Uri.EscapeDataString(webhookId)}";

    public static string EditEventNotification(string webhookId) => $"{EventNotification(webhookId)}/edit";

    public static string Delivery(string webhookId, long deliveryId) => FormattableString.Invariant($"{EventNotification(webhookId)}/deliveries/{deliveryId}");
}
