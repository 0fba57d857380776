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
    public IReadOnlyList<EventType> All { get; } = [new("customerAdded", "Customer", "A customer", EventTypeStatus.Listed, null, "customerAdded"), new("pointsIssued", "Points", "Points", EventTypeStatus.Listed, null, "pointsIssued"), new("pointsExpired", "Points", "Points", EventTypeStatus.Listed, null, "pointsExpired")];
    public EventType? Find(string name) => All.FirstOrDefault(e => e.Name == name);
    public IReadOnlyList<string> Nearest(string name, int count = 3) => [];
    public IReadOnlyList<string> SubscriptionNamesFor(string eventName) => [eventName];
    public IReadOnlyList<SchemaProperty> PropertiesOf(string eventName) => [];
    public string RawSchemaOf(string eventName) => "{}";
    public string ExampleOf(string eventName, int orgId) => "{}";
    public IReadOnlyList<SchemaError> Validate(string eventName, JsonElement message) => [];
}
