using EnsAdmin.Domain;

namespace EnsAdmin.Enrichment;

/// <summary>What the fragments of a payload say of a customer, a till or a store, as changes of the directory. What is empty, or too long to be kept, says nothing.</summary>
internal static class Lessons
{
    /// <summary>Null where it says nothing beyond the id.</summary>
    /// <param name="updates">What they say counts: the identifiers may still be those by which the customer was found.</param>
    public static DirectoryChange? OfCustomer(long id, JsonPlace at, InstoreUpdates updates)
    {
        var change = new Change(DirectoryKind.Customers);
        var instore = at.Find("instore");
        change.Set(CustomerFields.InstoreId, Number(instore?.Find("id")));
        change.Set(CustomerFields.Mobile, updates.Now(CustomerFields.Mobile, Text(instore?.Find("mobile"))));
        change.Set(CustomerFields.Email, updates.Now(CustomerFields.Email, Text(instore?.Find("email"))));
        change.Set(CustomerFields.ExternalId, updates.Now(CustomerFields.ExternalId, Text(instore?.Find("externalId"))));
        if (instore is not null) change.Set(CustomerFields.Cards, DirectoryLists.Write(CardsOf(instore)));

        foreach (var source in IdentifierSources.WithAccounts)
            if (at.Find(source.Wire)?.Find("accounts") is { } accounts) change.Set(source.Field, DirectoryLists.Write(AccountsOf(accounts)));
        return change.Of(id);
    }

    /// <param name="storeId">The store that it is in, where that is known.</param>
    public static DirectoryChange? OfTill(long id, JsonPlace? till, long? storeId)
    {
        var change = new Change(DirectoryKind.Tills);
        change.Set(TillFields.Code, Text(till?.Find("code")));
        change.Set(TillFields.Name, Text(till?.Find("name")));
        change.Set(TillFields.StoreId, storeId is { } store ? FormattableString.Invariant($"{store}") : null);
        return change.Of(id);
    }

    public static DirectoryChange? OfStore(long id, JsonPlace store)
    {
        var change = new Change(DirectoryKind.Stores);
        change.Set(StoreFields.Code, Text(store.Find("code")));
        change.Set(StoreFields.Name, Text(store.Find("name")));
        change.Set(StoreFields.ExternalId, Text(store.Find("externalId")));
        change.Set(StoreFields.ExternalId1, Text(store.Find("externalId1")));
        change.Set(StoreFields.ExternalId2, Text(store.Find("externalId2")));
        return change.Of(id);
    }

    /// <summary>A text as the directory keeps it; null for an empty one and for one that it does not keep.</summary>
    public static string? Text(JsonPlace? place)
    {
        if (place is not { Kind: System.Text.Json.JsonValueKind.String, Text: { } given }) return null;
        var text = given.AsSpan().Trim();
        if (text.Length is 0 or > DirectoryRecord.MaxText) return null;
        foreach (var c in text)
            if (char.IsControl(c)) return null;
        return text.Length == given.Length ? given : text.ToString();
    }

    public static long? Id(JsonPlace? place) => place is { Kind: System.Text.Json.JsonValueKind.Number, Text: { } digits } ? WholeNumber.Read(digits) : null;

    /// <summary>Empty where it lists none.</summary>
    public static IEnumerable<string> CardNumbers(JsonPlace? instore) => instore?.Find("cardNumbers") is { } list ? list.Items.Select(Text).OfType<string>() : [];

    private static string? Number(JsonPlace? place) => Id(place) is { } id ? FormattableString.Invariant($"{id}") : null;

    private static List<Card> CardsOf(JsonPlace instore)
    {
        var cards = new List<Card>();
        var (number, externalId) = (Text(instore.Find("cardnumber")), Text(instore.Find("cardexternalid")));
        if (number is not null || externalId is not null) cards.Add(new Card(number, externalId));
        foreach (var other in CardNumbers(instore))
            if (cards.Count < DirectoryLists.MaxCards && cards.All(c => c.Number != other)) cards.Add(new Card(other, null));
        return cards;
    }

    private static List<SourceAccount> AccountsOf(JsonPlace list)
    {
        var accounts = new List<SourceAccount>();
        foreach (var item in list.Items.Take(DirectoryLists.MaxAccounts))
        {
            var identifiers = new List<SourceIdentifier>();
            foreach (var identifier in item.Find("identifiers")?.Items.Take(DirectoryLists.MaxIdentifiers) ?? [])
                if (Text(identifier.Find("identifierType")) is { } type && Text(identifier.Find("identifierValue")) is { } value) identifiers.Add(new SourceIdentifier(type, value));
            var accountId = Text(item.Find("accountId"));
            if ((accountId is not null || identifiers.Count > 0) && accounts.All(a => a.AccountId != accountId)) accounts.Add(new SourceAccount(accountId, identifiers));
        }

        return accounts;
    }

    private struct Change(DirectoryKind kind)
    {
        private string?[]? _values;
        private int _given;

        public void Set(int field, string? value)
        {
            if (value is null) return;
            (_values ??= new string?[kind.Fields.Count])[field] = value;
            _given |= 1 << field;
        }

        public readonly DirectoryChange? Of(long id) => _values is null ? null : new DirectoryChange(id, _values, _given);
    }
}
