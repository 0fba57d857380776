namespace EnsAdmin.Shared;

/// <summary>The addresses of the screens; links are built here so that a page can move without breaking them.</summary>
public static class Paths
{
    /// <summary>Leads on to the organization last looked at.</summary>
    public const string Home = "/";

    public const string NotFound = "/not-found";

    public const string SignIn = "/sign-in";

    public const string SecondFactor = SignIn + "/code";

    public const string SignOut = "/sign-out";

    /// <summary>What a browser's authenticator is asked for at the sign-in.</summary>
    public const string PasskeyRequest = SignIn + "/passkey";

    /// <summary>Leads to the provider of sign-ins.</summary>
    public const string Provider = SignIn + "/provider";

    /// <summary>Signs out at the provider as well.</summary>
    public const string ProviderEnd = Provider + "/end";

    public const string Setup = "/setup";

    public const string Profile = "/profile";

    public const string Passkeys = Profile + "/passkeys";

    /// <summary>What a browser's authenticator is asked for to make a passkey.</summary>
    public const string PasskeyCreation = Passkeys + "/new";

    public const string Organizations = "/organizations";

    /// <summary>Everybody who can sign in.</summary>
    public const string People = "/people";

    /// <summary>What every organization's people, keys and operators changed.</summary>
    public const string InstallationAudit = "/audit";

    public const string SystemStatus = "/system";

    /// <summary>The page of whoever has the one-time link.</summary>
    public const string Invitation = "/invitation";

    /// <summary>The sign-in page that leads back to a page of ours afterwards.</summary>
    public static string SignInTo(string path) => $"{SignIn}?returnUrl={Uri.EscapeDataString(path)}";

    public static string Members(int orgId) => FormattableString.Invariant($"/o/{orgId}/members");

    /// <summary>The part of every organization's addresses that names it.</summary>
    public const string OrganizationParameter = "OrgId";

    public static string EventNotifications(int orgId) => FormattableString.Invariant($"/o/{orgId}/event-notifications");

    public static string NewEventNotification(int orgId) => $"{EventNotifications(orgId)}/new";

    public static string EventNotification(int orgId, string webhookId) => $"{EventNotifications(orgId)}/{Uri.EscapeDataString(webhookId)}";

    public static string EditEventNotification(int orgId, string webhookId) => $"{EventNotification(orgId, webhookId)}/edit";

    public static string Delivery(int orgId, string webhookId, long deliveryId) => FormattableString.Invariant($"{EventNotification(orgId, webhookId)}/deliveries/{deliveryId}");

    public static string Audit(int orgId) => FormattableString.Invariant($"/o/{orgId}/audit");

    public static string ApiKeys(int orgId) => FormattableString.Invariant($"/o/{orgId}/api-keys");

    public static string DirectoryHome(int orgId) => FormattableString.Invariant($"/o/{orgId}/directory");

    /// <param name="kind">stores, tills or customers.</param>
    public static string Directory(int orgId, string kind) => $"{DirectoryHome(orgId)}/{kind}";

    public static string DirectoryRecord(int orgId, string kind, long id) => FormattableString.Invariant($"{Directory(orgId, kind)}/{id}");

    public static string NewDirectoryRecord(int orgId, string kind) => $"{Directory(orgId, kind)}/new";

    public static string Imports(int orgId) => $"{DirectoryHome(orgId)}/import";

    public static string Import(int orgId, long id) => FormattableString.Invariant($"{Imports(orgId)}/{id}");
}
