using System.Text.Encodings.Web;
using System.Text.Json;

namespace EnsAdmin.Domain;

/// <summary>A customer's card; one of the two is there.</summary>
public sealed record Card(string? Number, string? ExternalId);

public sealed record SourceIdentifier(string IdentifierType, string IdentifierValue);

/// <summary>An account of a customer in a source.</summary>
/// <param name="AccountId">Null in a source that has but one.</param>
public sealed record SourceAccount(string? AccountId, IReadOnlyList<SourceIdentifier> Identifiers);

/// <summary>Cards and accounts as the directory keeps them: JSON that is always written the same way, so that equal lists are equal texts.</summary>
public static class DirectoryLists
{
    /// <summary>Of a customer; events alone tell them, and the newest stay.</summary>
    public const int MaxPrograms = 20, MaxAwards = 20;

    /// <summary>Of a customer, of a source, of an account. Files, keys and people are refused more; of what events teach the newest stay.</summary>
    public const int MaxCards = 50, MaxAccounts = 20, MaxIdentifiers = 20;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Null for an empty list, which is no value.</summary>
    public static string? Write(IReadOnlyCollection<Card> cards) => cards.Count == 0 ? null : JsonSerializer.Serialize(cards, Json);

    /// <summary>Null for an empty list.</summary>
    public static string? Write(IReadOnlyCollection<SourceAccount> accounts) => accounts.Count == 0 ? null : JsonSerializer.Serialize(accounts, Json);

    /// <summary>Null for an empty list.</summary>
    public static string? Write(IReadOnlyCollection<CustomerPoints> points) => points.Count == 0 ? null : JsonSerializer.Serialize(points, Json);

    /// <summary>Null for an empty list.</summary>
    public static string? Write(IReadOnlyCollection<AwardedReference> awards) => awards.Count == 0 ? null : JsonSerializer.Serialize(awards, Json);

    public static IReadOnlyList<CustomerPoints> Points(ReadOnlySpan<byte> json)
    {
        var points = new List<CustomerPoints>();
        for (var list = new ObjectList(json); list.NextObject();)
        {
            var (program, available, origin, at) = (0L, 0d, "", 0L);
            while (list.NextMember())
            {
                if (list.Named("programId"u8)) program = list.Value.GetInt64();
                else if (list.Named("available"u8)) available = list.Value.GetDouble();
                else if (list.Named("origin"u8)) origin = list.Value.GetString()!;
                else if (list.Named("originAt"u8)) at = list.Value.GetInt64();
            }

            points.Add(new CustomerPoints(program, available, origin, at));
        }

        return points;
    }

    /// <param name="eventKey">The one that is looked for; null for all.</param>
    public static IReadOnlyList<AwardedReference> Awards(ReadOnlySpan<byte> json, string? eventKey = null)
    {
        var awards = new List<AwardedReference>();
        for (var list = new ObjectList(json); list.NextObject();)
        {
            var (key, reference, type, origin, at) = ("", "", (string?)null, "", 0L);
            var isOther = false;
            while (list.NextMember())
            {
                if (isOther) continue;
                if (list.Named("eventKey"u8))
                {
                    isOther = eventKey is not null && !list.Value.ValueTextEquals(eventKey);
                    key = isOther ? "" : eventKey ?? list.Value.GetString()!;
                }
                else if (list.Named("reference"u8)) reference = list.Value.GetString()!;
                else if (list.Named("referenceType"u8)) type = list.Value.GetString();
                else if (list.Named("origin"u8)) origin = list.Value.GetString()!;
                else if (list.Named("originAt"u8)) at = list.Value.GetInt64();
            }

            if (!isOther) awards.Add(new AwardedReference(key, reference, type, origin, at));
        }

        return awards;
    }

    public static List<Card> Cards(ReadOnlySpan<byte> json)
    {
        var cards = new List<Card>();
        for (var list = new ObjectList(json); list.NextObject();)
        {
            var (number, externalId) = ((string?)null, (string?)null);
            while (list.NextMember())
            {
                if (list.Named("number"u8)) number = list.Value.GetString();
                else if (list.Named("externalId"u8)) externalId = list.Value.GetString();
            }

            cards.Add(new Card(number, externalId));
        }

        return cards;
    }

    public static IReadOnlyList<Card> Cards(string? json) => Cards(System.Text.Encoding.UTF8.GetBytes(json ?? ""));

    public static IReadOnlyList<SourceAccount> Accounts(string? json) => json is null ? [] : JsonSerializer.Deserialize<List<SourceAccount>>(json, Json)!;

    /// <summary>Each card once.</summary>
    public static IReadOnlyCollection<Card> Distinct(IReadOnlyList<Card> cards) => UnionOfCards([], cards);

    /// <summary>What was known and what an event adds to it: an event carries the identifiers that were at hand, not all there are. Where they become too many, those told first go.</summary>
    public static string? Union(FieldForm form, string? known, string? added)
    {
        if (known is null || added is null || known == added) return added ?? known;
        return form == FieldForm.Cards ? Write(UnionOfCards(Cards(known), Cards(added))) : Write(UnionOfAccounts(Accounts(known), Accounts(added)));
    }

    private static List<Card> UnionOfCards(IReadOnlyList<Card> known, IReadOnlyList<Card> added)
    {
        var union = known.ToList();
        foreach (var card in added)
        {
            var at = union.FindIndex(c => card.Number is not null && c.Number == card.Number || card.Number is null && c.ExternalId == card.ExternalId);
            if (at < 0) union.Add(card);
            else if (card.ExternalId is not null) union[at] = union[at] with { ExternalId = card.ExternalId };
        }

        return Newest(union, MaxCards);
    }

    private static List<SourceAccount> UnionOfAccounts(IReadOnlyList<SourceAccount> known, IReadOnlyList<SourceAccount> added)
    {
        var union = known.ToList();
        foreach (var account in added)
        {
            var at = union.FindIndex(a => a.AccountId == account.AccountId);
            if (at < 0) union.Add(account);
            else union[at] = account with { Identifiers = [.. account.Identifiers.Concat(union[at].Identifiers).DistinctBy(i => i.IdentifierType).Take(MaxIdentifiers).OrderBy(i => i.IdentifierType, StringComparer.Ordinal)] };
        }

        return Newest(union, MaxAccounts);
    }

    /// <summary>The last ones.</summary>
    internal static List<T> Newest<T>(List<T> union, int most)
    {
        if (union.Count > most) union.RemoveRange(0, union.Count - most);
        return union;
    }

    /// <summary>Goes through a list of flat objects: events ask for them by the ten thousand, and a serializer would take longer than the look-up.</summary>
    private ref struct ObjectList
    {
        private Utf8JsonReader _reader;
        private ReadOnlySpan<byte> _name;

        public ObjectList(ReadOnlySpan<byte> json)
        {
            _reader = new Utf8JsonReader(json.IsEmpty ? "[]"u8 : json);
            _reader.Read();
        }

        [System.Diagnostics.CodeAnalysis.UnscopedRef]
        public readonly ref readonly Utf8JsonReader Value => ref _reader;

        public bool NextObject() => _reader.Read() && _reader.TokenType == JsonTokenType.StartObject;

        public bool NextMember()
        {
            if (!_reader.Read() || _reader.TokenType != JsonTokenType.PropertyName) return false;
            _name = _reader.ValueSpan;
            return _reader.Read();
        }

        public readonly bool Named(ReadOnlySpan<byte> name) => _name.SequenceEqual(name);
    }
}
