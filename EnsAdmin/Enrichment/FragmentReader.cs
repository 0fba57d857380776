using System.Collections.Concurrent;
using System.Text.Json;
using EnsAdmin.Catalog;
using EnsAdmin.Data;
using EnsAdmin.Domain;

namespace EnsAdmin.Enrichment;

/// <summary>Finds in a payload, at the places that its schema names, what the directory can add to and learn from.</summary>
public sealed class FragmentReader(EventCatalog catalog)
{
    private static readonly long MaxEpochMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private const string Updated = "customerUpdated";

    private static readonly HashSet<string> OfTill = ["till", "store"];
    private static readonly HashSet<string> OfCustomer = ["instore", .. IdentifierSources.WithAccounts.Select(s => s.Wire)];
    private static readonly HashSet<string> OfData = [EventPlaces.BalanceField, EventPlaces.BalanceAtField, EventPlaces.AwardField, EventPlaces.AwardTypeField];

    // The status labels are the brand's own; these words say that somebody is gone.
    private static readonly HashSet<string> Gone = ["deleted", "delete", "piideleted", "piidelete", "erased", "piierased", "anonymized", "anonymised"];

    private readonly ConcurrentDictionary<string, EventPlaces> _places = new(StringComparer.Ordinal);

    /// <summary>Whether such events may say that their customer is deleted.</summary>
    public static bool TellsDeletions(string eventName) => eventName == Updated;

    /// <summary>The same of bytes that nobody has parsed.</summary>
    public EventFragments? Read(NewEvent message)
    {
        using var parsed = JsonDocument.Parse(message.Body);
        return Read(message.EventName, parsed.RootElement, message.ApiRequestId);
    }

    /// <param name="message">The whole payload, as its bytes are stored: places are offsets into them.</param>
    /// <param name="apiRequestId">The event's own, or the one it was given.</param>
    /// <returns>Null where there is nothing of the kind.</returns>
    public EventFragments? Read(string eventName, JsonElement message, string? apiRequestId)
    {
        var places = _places.GetOrAdd(eventName, static (name, catalog) => EventPlaces.Of(catalog, name), catalog);
        if (places.Data is null or { Inside.Length: 0, Balance: null } || !message.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Object) return null;
        var found = new EventFragments(JsonPlace.Of(message, data, OfData), KeyOf(message, apiRequestId));
        found.ProgramId = ProgramOf(data);
        Visit(message, data, places.Data, found);
        if (places.NamesEntity) found.Customer ??= UserOf(data);
        found.NamesCustomer |= found.Customer is not null;
        if (places.TakesPoints && Balance(data, EventPlaces.BalanceField) is { } own) found.Balances.Add((found.ProgramId ?? 0, own, MomentOf(data)));
        if (found.Tills.Count > 0) found.Takes |= EnrichmentFacts.Till | EnrichmentFacts.Store;
        if (found.Customers.Count > 0) found.Takes |= EnrichmentFacts.Customer;
        if (found.NamesCustomer && places.TakesPoints) found.Takes |= EnrichmentFacts.AvailablePoints;
        if (found.NamesCustomer && places.TakesAward) found.Takes |= EnrichmentFacts.AwardedReference;
        if (eventName == Updated) (found.IsDeletion, found.Updates) = (SaysGone(data), InstoreUpdates.Of(message, data));
        return found.IsEmpty ? null : found;
    }

    private static void Visit(JsonElement root, JsonElement at, PlaceNode node, EventFragments found)
    {
        if (node.Balance is { } balance && Balance(at, balance) is { } available) found.Balances.Add((ProgramOf(at) ?? 0, available, null));
        switch (node.Kind)
        {
            case PlaceKind.Till when Id(at, "id") is var till && (till is not null || SaysAny(at, OfTill)):
                found.Tills.Add((till, JsonPlace.Of(root, at, OfTill)));
                return;
            case PlaceKind.Customer when Id(at, "customerId") is var customer && (customer is not null || SaysAny(at, OfCustomer)):
                found.Customers.Add((customer, JsonPlace.Of(root, at, OfCustomer)));
                if (node.Name is not ("customerIdentifiers" or "survivorCustomerIdentifiers")) return;
                found.Customer ??= customer;
                found.NamesCustomer = true;
                return;
            case PlaceKind.Award when (Id(at, EventPlaces.AwardField) ?? Id(at, EventPlaces.OtherAwardField)) is { } award:
                found.Awards.Add((FormattableString.Invariant($"{award}"), at.TryGetProperty(EventPlaces.AwardTypeField, out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null));
                return;
        }

        foreach (var inside in node.Inside)
        {
            if (!at.TryGetProperty(inside.Name, out var value)) continue;
            if (value.ValueKind == JsonValueKind.Object && !inside.IsList) Visit(root, value, inside, found);
            else if (value.ValueKind == JsonValueKind.Array && inside.IsList)
                foreach (var item in value.EnumerateArray())
                    if (item.ValueKind == JsonValueKind.Object) Visit(root, item, inside, found);
        }
    }

    private static bool SaysAny(JsonElement at, HashSet<string> names)
    {
        foreach (var name in names)
            if (at.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object && value.GetPropertyCount() > 0) return true;
        return false;
    }

    private static double? Balance(JsonElement at, string name) =>
        at.TryGetProperty(name, out var points) && points.ValueKind == JsonValueKind.Number && points.GetDouble() is var available && double.IsFinite(available) ? available : null;

    private static long? MomentOf(JsonElement data) => Id(data, EventPlaces.BalanceAtField) is { } ms and > 0 && ms <= MaxEpochMs ? DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcTicks : null;

    private static long? ProgramOf(JsonElement at) =>
        Id(at, "loyaltyProgramId") ?? Id(at, "programId") ?? (at.TryGetProperty("loyaltyProgramDetails", out var program) && program.ValueKind == JsonValueKind.Object ? Id(program, "id") : null);

    private static long? Id(JsonElement at, string name) => !at.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.Number ? null
        : value.TryGetInt64(out var id) ? id >= 0 ? id : null : WholeNumber.Read(value.GetRawText());

    private static long? UserOf(JsonElement data) => data.TryGetProperty(EventPlaces.EntityField, out var entity) && entity.ValueKind == JsonValueKind.Object
        && entity.TryGetProperty("entityType", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("USER") ? Id(entity, "entityId") : null;

    private static string KeyOf(JsonElement message, string? apiRequestId)
    {
        foreach (var name in (ReadOnlySpan<string>)["loyaltyEventId", "eventLogId"])
            if (message.TryGetProperty(name, out var key) && key.ValueKind is JsonValueKind.String or JsonValueKind.Number && key.ToString() is { Length: > 0 and <= DirectoryRecord.MaxText } text) return text;
        return apiRequestId ?? "";
    }

    private static bool SaysGone(JsonElement data)
    {
        if (data.TryGetProperty("customerStatus", out var status) && status.ValueKind == JsonValueKind.Object && (IsGone(status, "currentStatus") || IsGone(status, "currentLabel"))) return true;
        if (!data.TryGetProperty("updatedFields", out var fields) || fields.ValueKind != JsonValueKind.Array) return false;
        foreach (var field in fields.EnumerateArray())
        {
            if (field.ValueKind == JsonValueKind.Object && field.TryGetProperty("fieldName", out var name) && name.ValueKind == JsonValueKind.String
                && name.GetString()!.EndsWith("status", StringComparison.OrdinalIgnoreCase) && IsGone(field, "currentValue")) return true;
        }

        return false;
    }

    private static bool IsGone(JsonElement at, string name) =>
        at.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && Gone.Contains(string.Concat(value.GetString()!.Where(char.IsAsciiLetter)).ToLowerInvariant());
}
