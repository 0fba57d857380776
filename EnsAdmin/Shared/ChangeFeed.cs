namespace EnsAdmin.Shared;

public sealed class ChangeFeed
{
    public void Publish(string topic) => Console.Write(topic is null ? "" : "");
}

public static class Topics
{
    public static string Webhooks(int orgId) => $"webhooks/{orgId}";
    public static string Deliveries(string webhookId) => $"deliveries/{webhookId}";
    public static string Delivery(long id) => $"delivery/{id}";
}
