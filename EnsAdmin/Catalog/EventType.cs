namespace EnsAdmin.Catalog;

/// <summary>How far an event type can be counted on: the last two are shown only behind a filter.</summary>
public enum EventTypeStatus
{
    /// <summary>Published as a supported event.</summary>
    Listed,

    /// <summary>Its schema is published, though the list of supported events leaves it out.</summary>
    SchemaOnly,

    /// <summary>Known, but not offered in public.</summary>
    Hidden,

    /// <summary>A former name.</summary>
    Legacy,
}

/// <summary>A named kind of event.</summary>
/// <param name="Name">The name that a webhook subscribes to.</param>
/// <param name="Category">The heading it stands under.</param>
/// <param name="Description">What has happened when it is sent.</param>
/// <param name="Status">How far it can be counted on.</param>
/// <param name="Product">The product that publishes it.</param>
/// <param name="WireName">The <c>eventName</c> in its messages; differs from <paramref name="Name"/> only for <c>IssueBulkCoupon</c>.</param>
public sealed record EventType(string Name, string Category, string Description, EventTypeStatus Status, string? Product, string WireName)
{
    /// <summary>False for hidden and legacy types.</summary>
    public bool IsCurrent => Status is EventTypeStatus.Listed or EventTypeStatus.SchemaOnly;
}
