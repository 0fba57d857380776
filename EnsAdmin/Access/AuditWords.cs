namespace EnsAdmin.Access;

/// <summary>Everything that the audit notes, in the words of the screens.</summary>
public static class AuditWords
{
    /// <summary>In the order of the filter.</summary>
    public static IReadOnlyList<(string Action, string Words)> Actions { get; } =
    [
        ("webhook.added", "Webhook added"), ("webhook.changed", "Webhook changed"), ("webhook.activated", "Webhook activated"), ("webhook.deactivated", "Webhook deactivated"),
        ("webhook.deleted", "Webhook deleted"), ("webhook.tested", "Test event sent"),
        ("replay.started", "Replay started"), ("replay.cancelled", "Replay stopped"), ("delivery.replayed", "Delivery replayed"),
        ("store.added", "Store added"), ("store.changed", "Store changed"), ("store.deleted", "Store deleted"),
        ("till.added", "Till added"), ("till.changed", "Till changed"), ("till.deleted", "Till deleted"),
        ("customer.added", "Customer added"), ("customer.changed", "Customer changed"), ("customer.deleted", "Customer deleted"), ("customer.forgotten", "Customer forgotten"),
        ("directory.written", "Directory written"), ("import.added", "Import added"), ("import.cancelled", "Import cancelled"), ("import.ended", "Import ended"),
        ("key.added", "API key added"), ("key.revoked", "API key revoked"),
        ("member.invited", "Invited"), ("member.invitationWithdrawn", "Invitation withdrawn"), ("member.added", "Member added"), ("member.roleChanged", "Role changed"), ("member.removed", "Member removed"),
        ("organization.added", "Organization added"), ("organization.changed", "Organization changed"),
        ("user.added", "Account added"), ("user.renamed", "Renamed"), ("user.passwordChanged", "Password changed"), ("user.passwordReset", "Password reset"),
        ("user.disabled", "Account disabled"), ("user.enabled", "Account enabled"), ("user.signedOutEverywhere", "Signed out everywhere"), ("user.signInRefused", "Sign-in refused"),
        ("user.secondFactorOn", "Authenticator app on"), ("user.secondFactorOff", "Authenticator app off"), ("user.recoveryCodesRenewed", "Recovery codes renewed"),
        ("user.providerLinked", "Account linked to provider"), ("user.operatorChanged", "Operator's right changed"),
        ("user.passkeyAdded", "Passkey added"), ("user.passkeyRemoved", "Passkey removed"),
        ("settings.changed", "Settings changed"),
    ];

    private static readonly Dictionary<string, string> ByAction = Actions.ToDictionary(a => a.Action, a => a.Words);

    /// <summary>The action itself where it has no words, as one of a newer program.</summary>
    public static string Of(string action) => ByAction.GetValueOrDefault(action, action);
}
