using System.Text.Json;
namespace EnsAdmin.Catalog;
public enum EventTypeStatus { Listed, SchemaOnly, Hidden, Legacy }
public sealed record EventType(string Name, string Category, string Description, EventTypeStatus Status, string? Product, string WireName)
{ public bool IsCurrent => Status is EventTypeStatus.Listed or EventTypeStatus.SchemaOnly; }
public sealed record SchemaProperty(string Name, string Type, bool Required, string? Description, IReadOnlyList<string> KnownValues, string? Source, IReadOnlyList<SchemaProperty> Children);
public sealed record SchemaError(string Pointer, string Message);
public sealed class EventCatalog
{
    public static EventCatalog LoadEmbedded() => new();
    public IReadOnlyList<EventType> All { get; } = [new("CouponIssue", "Coupons", "x", EventTypeStatus.Listed, null, "CouponIssue"), new("IssueBulkCoupon", "Coupons", "x", EventTypeStatus.Listed, null, "CouponIssue"), new("customerAdded", "Customer", "A customer", EventTypeStatus.Listed, null, "customerAdded"), new("pointsIssued", "Points", "Points", EventTypeStatus.Listed, null, "pointsIssued"), new("pointsExpired", "Points", "Points", EventTypeStatus.Listed, null, "pointsExpired")];
    public EventType? Find(string name) => All.FirstOrDefault(e => e.Name == name);
    public IReadOnlyList<string> Nearest(string name, int count = 3) => [];
    public IReadOnlyList<string> SubscriptionNamesFor(string eventName) => eventName == "CouponIssue" ? ["CouponIssue", "IssueBulkCoupon"] : [eventName];
    public IReadOnlyList<SchemaProperty> PropertiesOf(string eventName) => [];
    public string RawSchemaOf(string eventName) => "{}";
    public string ExampleOf(string eventName, int orgId) => "{\"eventName\":\"" + eventName + "\",\"eventId\":\"x\",\"orgId\":1655,\"refId\":\"1655_1\",\"apiRequestId\":\"r\",\"createdAt\":1790000000000,\"data\":{\"points\":5}}";
    public IReadOnlyList<SchemaError> Validate(string eventName, JsonElement message) => [];
}
