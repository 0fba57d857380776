using System.Globalization;

namespace EnsAdmin.Shared;

/// <summary>What live pages can listen to.</summary>
public static class Topics
{
    /// <summary>A webhook of the organization was added, changed or removed, or its health changed.</summary>
    public static string Webhooks(int orgId) => "webhooks/" + orgId.ToString(CultureInfo.InvariantCulture);

    /// <summary>An API key of the organization was added or revoked.</summary>
    public static string Keys(int orgId) => "keys/" + orgId.ToString(CultureInfo.InvariantCulture);

    /// <summary>Somebody changed something, here or in another process.</summary>
    public const string Audit = "audit";

    /// <summary>A member or an invitation of the organization was added, changed or removed.</summary>
    public static string Members(int orgId) => "members/" + orgId.ToString(CultureInfo.InvariantCulture);

    /// <summary>A store, a till or a customer of the organization was changed: by a person, a key, a file or an event.</summary>
    public static string Directory(int orgId) => "directory/" + orgId.ToString(CultureInfo.InvariantCulture);

    /// <summary>An import of the organization was added, or has ended.</summary>
    public static string Imports(int orgId) => "imports/" + orgId.ToString(CultureInfo.InvariantCulture);

    /// <summary>A person, their roles or one of their sessions was changed.</summary>
    public static string Sessions(string userId) => "sessions/" + userId;

    /// <summary>A delivery of the webhook was enqueued or changed its status.</summary>
    public static string Deliveries(string webhookId) => "deliveries/" + webhookId;

    /// <summary>An attempt of this one delivery was recorded.</summary>
    public static string Delivery(long id) => "delivery/" + id.ToString(CultureInfo.InvariantCulture);
}
