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

    public static IReadOnlyList<Card> Cards(string? json) => json is null ? [] : JsonSerializer.Deserialize<List<Card>>(json, Json)!;

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

    private static List<T> Newest<T>(List<T> union, int most)
    {
        if (union.Count > most) union.RemoveRange(0, union.Count - most);
        return union;
    }
}
