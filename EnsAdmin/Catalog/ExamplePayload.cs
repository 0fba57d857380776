using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EnsAdmin.Catalog;

/// <summary>
/// Makes up a message that a reader takes for a real one. Everything follows from the names of the event and its fields, so that it is
/// the same on every run, and the same identifier has the same value wherever it stands.
/// </summary>
internal sealed class ExamplePayload(SchemaStore store, EventType type, int orgId, bool enriched)
{
    private const int MostLevels = 12;
    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // The object that an event is about, as far as the fields of its data tell.
    private static readonly string[] Entities = ["transactionId", "redemptionId", "returnId", "groupId", "requestId", "rewardId"];
    private readonly ExampleValues _values = new(type.Name);

    // Of the customer's accounts that are being made; empty elsewhere.
    private string _source = "";

    public string Build(SchemaPlace schema)
    {
        var data = Fields(schema).Where(f => f.Name == "data").Select(f => Value(f.Name, "", f.Reference, 0, 0)).FirstOrDefault() ?? new JsonObject();
        var message = new JsonObject
        {
            ["eventName"] = type.WireName,
            ["eventId"] = _values.Uuid("eventId"),
            ["orgId"] = orgId,
            ["refId"] = $"{orgId}_{EntityOf(data)}",
            ["apiRequestId"] = _values.Uuid("apiRequestId"),
            ["createdAt"] = _values.CreatedAt.ToUnixTimeMilliseconds(),
            ["data"] = data,
        };
        return message.ToJsonString(Pretty);
    }

    private static string EntityOf(JsonNode data)
    {
        foreach (var name in Entities)
            if (data[name] is JsonValue id) return id.ToString();
        return (data["customerIdentifiers"]?["customerId"] as JsonValue)?.ToString() ?? ExampleValues.CustomerId.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <param name="isItem">Whether it stands in a list itself; what stands deeper inside an item is the same for all of them.</param>
    private JsonNode? Value(string name, string parent, SchemaPlace reference, int index, int level, bool isItem = false)
    {
        if (store.Follow(reference) is not { } place) return null;
        if (Given(place) is { } given) return JsonNode.Parse(given.GetRawText());
        var types = place.Types;
        if (place.Text("javaType") == "java.util.Map" || (place.Flag("additionalProperties") && !place.Properties().Any())) return ExampleValues.Map(name);
        if (types.Contains("object") || (types.Count == 0 && place.Properties().Any())) return Object(name, place, isItem ? index : 0, level + 1);
        if (types.Contains("array")) return Array(name, parent, place, level + 1);
        return ExampleTexts.OfAccount(_source, name) ?? _values.Of(name, parent, types.FirstOrDefault(t => t != "null") ?? "string", [.. place.Texts("knownValues")], index);
    }

    private JsonObject Object(string name, SchemaPlace place, int index, int level)
    {
        var made = new JsonObject();
        if (level > MostLevels) return made;
        var required = Required(place).ToHashSet(StringComparer.Ordinal);
        var fields = Fields(place);
        var sent = fields.FindAll(f => required.Contains(f.Name) || !(f.Reference.Flag("eventLogOnly") || !enriched && f.Reference.Flag("onlyWhenEnriched")));
        var around = _source;
        if (fields.Exists(f => f.Name == "accounts")) _source = name;
        foreach (var (field, reference) in sent.Count > 0 ? sent : fields) made[field] = Value(field, name, reference, index, level);
        _source = around;
        return made;
    }

    private JsonArray Array(string name, string parent, SchemaPlace place, int level)
    {
        var made = new JsonArray();
        // A list of who knows what is better left empty than filled with a guess.
        if (place.Keyword("items", JsonValueKind.Object) is not { } items || !items.EnumerateObject().Any() || level > MostLevels) return made;
        for (var i = 0; i < (name is "tiers" or "coupons" ? 2 : 1); i++) made.Add(Value(name, parent, place.At("items", items), i, level, isItem: true));
        return made;
    }

    private List<(string Name, SchemaPlace Reference)> Fields(SchemaPlace place)
    {
        var fields = new List<(string Name, SchemaPlace Reference)>();
        foreach (var field in InPlace(place).SelectMany(p => p.Properties()))
        {
            fields.RemoveAll(f => f.Name == field.Name);
            fields.Add(field);
        }
        return fields;
    }

    private IEnumerable<string> Required(SchemaPlace place) => InPlace(place).SelectMany(p => p.Texts("required"));

    private List<SchemaPlace> InPlace(SchemaPlace place)
    {
        var found = new List<SchemaPlace>();
        void Visit(SchemaPlace reference)
        {
            if (store.Follow(reference) is not { } target || found.Any(f => f.Address == target.Address)) return;
            found.Insert(0, target);
            foreach (var part in target.Members("allOf")) Visit(part);
        }
        Visit(place);
        return found;
    }

    private static JsonElement? Given(SchemaPlace place)
    {
        if (place.Schema.ValueKind != JsonValueKind.Object) return null;
        foreach (var keyword in (string[])["const", "default"])
            if (place.Schema.TryGetProperty(keyword, out var value)) return value;
        return place.Keyword("enum", JsonValueKind.Array) is { } list && list.GetArrayLength() > 0 ? list[0] : null;
    }
}
