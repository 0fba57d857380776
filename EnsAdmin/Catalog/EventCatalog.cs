using System.Collections.Concurrent;
using System.Text.Json;

namespace EnsAdmin.Catalog;

/// <summary>Every event type the program knows, with its schema. Immutable and safe to share between threads.</summary>
public sealed class EventCatalog
{
    private static readonly string[] FirstCategories =
    [
        "Customer", "Transaction", "Points", "Tier", "Loyalty promotions", "Rewards", "Coupons", "Cart promotions", "Milestones (targets)",
        "Streaks", "Badges", "Cards", "User group", "Partner program", "Loyalty customer", "Alternate currencies", "Requests", "Communication",
    ];

    // A name longer than any of ours needs no suggestion, and must not cost time.
    private const int LongestMisspelling = 100;
    private const int ShortestPart = 5;

    private readonly SchemaStore _store;
    private readonly SchemaCompiler _compiler;
    private readonly Lock _compiling = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _subscriptionNames;
    private readonly ConcurrentDictionary<string, CompiledSchema> _compiled = new(StringComparer.Ordinal);

    private EventCatalog(SchemaStore store)
    {
        _store = store;
        _compiler = new(store);
        store.CheckReferences();
        var tree = new PropertyTree(store);
        foreach (var document in store.Documents)
        {
            var place = store.Open(document.Name);
            if (place.Text("status") is not null)
                _entries.Add(document.Name[..^".json".Length], new(TypeOf(place), document, place, new(() => tree.Of(place))));
        }
        All =
        [
            .. _entries.Values.Select(e => e.Type)
                .OrderBy(t => Array.IndexOf(FirstCategories, t.Category) is >= 0 and var i ? i : FirstCategories.Length)
                .ThenBy(t => t.Category, StringComparer.Ordinal)
                .ThenBy(t => t.Name, StringComparer.OrdinalIgnoreCase),
        ];
        _subscriptionNames = All.ToDictionary(t => t.Name, t => (string[])[t.Name, .. All.Where(o => o.WireName == t.WireName && o.Name != t.Name).Select(o => o.Name)]);
    }

    /// <summary>The catalogue inside the program.</summary>
    /// <exception cref="SchemaException">A schema is broken; the message names its file.</exception>
    public static EventCatalog LoadEmbedded() => new(SchemaStore.LoadEmbedded());

    /// <summary>All types, by category (those most used first), then name.</summary>
    public IReadOnlyList<EventType> All { get; }

    /// <summary>The type of exactly this name; null when there is none.</summary>
    public EventType? Find(string name) => _entries.TryGetValue(name, out var entry) ? entry.Type : null;

    /// <summary>Names that may have been meant, nearest first; empty when none is near.</summary>
    public IReadOnlyList<string> Nearest(string name, int count = 3)
    {
        if (name.Length is 0 or > LongestMisspelling) return [];
        return
        [
            .. All.Select(t => (t.Name, t.IsCurrent, Distance: NameDistance.Between(name, t.Name), Inside: IsPart(name, t.Name)))
                .Where(t => t.Inside || (t.Distance <= Math.Max(2, name.Length / 4) && t.Distance < name.Length))
                .OrderBy(t => t.Distance).ThenByDescending(t => t.IsCurrent).ThenBy(t => t.Name, StringComparer.Ordinal)
                .Take(count)
                .Select(t => t.Name),
        ];
    }

    /// <summary>The names under which a webhook gets an event with this <c>eventName</c>: the name itself, and those of types that share its
    /// name on the wire (<c>CouponIssue</c> and <c>IssueBulkCoupon</c>).</summary>
    public IReadOnlyList<string> SubscriptionNamesFor(string eventName) => _subscriptionNames.TryGetValue(eventName, out var names) ? names : [eventName];

    /// <summary>The fields of the whole message, envelope first.</summary>
    public IReadOnlyList<SchemaProperty> PropertiesOf(string eventName) => Get(eventName).Properties.Value;

    /// <summary>The schema as published, indented.</summary>
    public string RawSchemaOf(string eventName) => Get(eventName).Document.ToPrettyJson();

    /// <summary>A whole message as a webhook may get it, indented; the same on every call.</summary>
    /// <param name="enriched">With all that enrichment could add to it.</param>
    public string ExampleOf(string eventName, int orgId, bool enriched = false)
    {
        var entry = Get(eventName);
        return new ExamplePayload(_store, entry.Type, orgId, enriched).Build(entry.Place);
    }

    /// <summary>What is wrong with a whole message; empty when it is valid. Fast enough for every message that comes in.</summary>
    public IReadOnlyList<SchemaError> Validate(string eventName, JsonElement message)
    {
        if (!_compiled.TryGetValue(eventName, out var schema))
        {
            lock (_compiling) schema = _compiler.Compile(Get(eventName).Place);
            _compiled.TryAdd(eventName, schema);
        }
        List<SchemaError>? errors = null;
        schema.Check(message, ref errors);
        return errors is null ? [] : errors;
    }

    // "billAdded" may mean "retroBillAdded", however many letters away that is.
    private static bool IsPart(string name, string of) => name.Length >= ShortestPart && of.Contains(name, StringComparison.OrdinalIgnoreCase);

    private Entry Get(string name) =>
        _entries.TryGetValue(name, out var entry) ? entry : throw new ArgumentException($"There is no event type \"{name}\".", nameof(name));

    private static EventType TypeOf(SchemaPlace place)
    {
        var name = Needed(place, "name");
        if (place.Document != name + ".json") throw new SchemaException($"{place} is named \"{name}\"; file and name must agree.");
        return new(
            name,
            Needed(place, "category"),
            Needed(place, "description"),
            Needed(place, "status") switch
            {
                "listed" => EventTypeStatus.Listed,
                "schema_only" => EventTypeStatus.SchemaOnly,
                "hidden" => EventTypeStatus.Hidden,
                "legacy" => EventTypeStatus.Legacy,
                var other => throw new SchemaException($"{place} has the status \"{other}\", which is unknown."),
            },
            place.Text("product"),
            place.Properties().Where(p => p.Name == "eventName").Select(p => p.Place.Text("default")).FirstOrDefault() ?? name);
    }

    private static string Needed(SchemaPlace place, string keyword) =>
        place.Text(keyword) ?? throw new SchemaException($"{place} has no \"{keyword}\".");

    private sealed record Entry(EventType Type, SchemaDocument Document, SchemaPlace Place, Lazy<IReadOnlyList<SchemaProperty>> Properties);
}
