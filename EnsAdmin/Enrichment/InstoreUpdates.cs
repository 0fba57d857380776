using System.Text.Json;
using EnsAdmin.Domain;

namespace EnsAdmin.Enrichment;

/// <summary>What an update says that its customer's mobile, e-mail and external id are now. They are the InStore profile's unless the event names another source.</summary>
internal sealed class InstoreUpdates
{
    public static readonly InstoreUpdates None = new();

    private static readonly HashSet<string> Read = ["updatedFields", "source"];

    private readonly Dictionary<int, string?> _now = [];

    public static InstoreUpdates Of(JsonElement message, JsonElement data)
    {
        var place = JsonPlace.Of(message, data, Read);
        if (place.Find("updatedFields") is not { Items.Count: > 0 } updated) return None;
        var updates = new InstoreUpdates();
        foreach (var field in updated.Items)
        {
            var source = Lessons.Text(field.Find("source")) ?? Lessons.Text(place.Find("source"));
            if (source is not null && !source.Equals("INSTORE", StringComparison.OrdinalIgnoreCase) || Lessons.Text(field.Find("fieldType")) == "ExtendedField") continue;
            if (Lessons.Text(field.Find("fieldName")) is { } name && PlaceOf(name) is { } at) updates._now[at] = Lessons.Text(field.Find("currentValue"));
        }

        return updates;
    }

    /// <summary>Whether the field was updated.</summary>
    public bool Has(int field) => _now.ContainsKey(field);

    /// <summary>The value after the update, null where it was emptied; for a field that was not updated what is known of it otherwise.</summary>
    public string? Now(int field, string? otherwise) => _now.TryGetValue(field, out var now) ? now : otherwise;

    private static int? PlaceOf(string name) => name.ToLowerInvariant() switch
    {
        "mobile" => CustomerFields.Mobile,
        "email" => CustomerFields.Email,
        "externalid" => CustomerFields.ExternalId,
        _ => null,
    };
}
