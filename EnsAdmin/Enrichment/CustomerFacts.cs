using System.Collections.Concurrent;
using System.Globalization;
using EnsAdmin.Domain;

namespace EnsAdmin.Enrichment;

/// <summary>Puts what is known of a customer into a payload: the identifiers of the sources that were asked for, and cards.</summary>
internal static class CustomerFacts
{
    private static readonly ConcurrentDictionary<EnrichmentFacts, string> Names = new();

    /// <param name="id">Null where the payload gives none.</param>
    /// <param name="known">Null where the directory has no such customer.</param>
    /// <param name="updates">What the event says itself counts, whatever is known: nobody gets the former value beside the new one.</param>
    public static void Add(PayloadSplice splice, JsonPlace place, long? id, EnrichmentFacts wanted, DirectoryRecord? known, InstoreUpdates updates, List<string> unknown)
    {
        if (known is null)
        {
            if (id is not null) unknown.Add(FormattableString.Invariant($"customer {id} unknown"));
            else if (Lacks(place, wanted)) unknown.Add(Enricher.WithoutId("customer"));
            return;
        }

        var customer = splice.In(place);
        var instore = customer.Object("instore");
        var missing = EnrichmentFacts.None;
        if ((wanted & EnrichmentFacts.Instore) != 0 && !AddInstore(instore, known, updates)) missing |= EnrichmentFacts.Instore;
        if ((wanted & EnrichmentFacts.CardNumber) != 0 && !AddCards(splice, instore, place.Find("instore"), DirectoryLists.Cards(known.Json[CustomerFields.Cards])))
            unknown.Add(FormattableString.Invariant($"card numbers of customer {id} unknown"));
        instore.Close();
        for (var i = 0; i < IdentifierSources.WithAccounts.Count; i++)
        {
            var source = IdentifierSources.WithAccounts[i];
            if ((wanted & source.Fact) == 0) continue;
            if (!known.Json[source.Field].IsEmpty) AddAccounts(splice, customer, place.Find(source.Wire), source, known);
            else if (place.Find(source.Wire) is null) missing |= source.Fact;
        }

        if (missing != 0) unknown.Add(string.Create(CultureInfo.InvariantCulture, $"{Names.GetOrAdd(missing, NamesOf)} identifiers of customer {id} unknown"));
    }

    private static string NamesOf(EnrichmentFacts sources) => string.Join(", ",
        IdentifierSources.WithAccounts.Where(s => (sources & s.Fact) != 0).Select(s => s.Name).Prepend((sources & EnrichmentFacts.Instore) == 0 ? null : "InStore").OfType<string>());

    /// <summary>Whether something that was asked for is not in the payload.</summary>
    private static bool Lacks(JsonPlace place, EnrichmentFacts wanted)
    {
        var instore = place.Find("instore");
        if ((wanted & EnrichmentFacts.Instore) != 0 && (instore?.Find("mobile") is null || instore.Find("email") is null || instore.Find("externalId") is null)) return true;
        if ((wanted & EnrichmentFacts.CardNumber) != 0 && instore?.Find("cardNumbers") is null) return true;
        return IdentifierSources.WithAccounts.Any(source => (wanted & source.Fact) != 0 && place.Find(source.Wire) is null);
    }

    /// <returns>False where nothing is known, and the payload has nothing either.</returns>
    private static bool AddInstore(PayloadSplice.Members instore, DirectoryRecord known, InstoreUpdates updates)
    {
        instore.Fact("id", known, CustomerFields.InstoreId);
        Add("mobile", CustomerFields.Mobile);
        Add("email", CustomerFields.Email);
        Add("externalId", CustomerFields.ExternalId);
        for (var field = CustomerFields.InstoreId; field < CustomerFields.Cards; field++)
            if (!known.Json[field].IsEmpty) return true;
        return instore.Has("mobile") || instore.Has("email") || instore.Has("externalId");

        void Add(string name, int field)
        {
            if (updates.Has(field)) instore.Text(name, updates.Now(field, null));
            else instore.Fact(name, known, field);
        }
    }

    /// <summary>One card in full, that of the payload or the first, and the numbers of all.</summary>
    private static bool AddCards(PayloadSplice splice, PayloadSplice.Members instore, JsonPlace? own, List<Card> cards)
    {
        var number = Lessons.Text(own?.Find("cardnumber"));
        var shown = instore.Has("cardnumber") ? OfNumber(cards, number) : instore.Has("cardexternalid") ? null : cards.Find(static c => c.Number is not null) ?? (cards.Count > 0 ? cards[0] : null);
        instore.Text("cardnumber", shown?.Number);
        instore.Text("cardexternalid", shown?.ExternalId);
        var all = new List<string>(cards.Count + 1);
        foreach (var card in cards)
            if (card.Number is not null) all.Add(card.Number);
        if (number is not null && !all.Contains(number)) all.Insert(0, number);
        if (own?.Find("cardNumbers") is not { } list)
        {
            instore.Texts("cardNumbers", all);
        }
        else if (list.Kind == System.Text.Json.JsonValueKind.Array)
        {
            var isFirst = list.IsEmpty;
            foreach (var more in all.Except(Lessons.CardNumbers(own)))
            {
                splice.Append(list, isFirst, RecordJson.Quote(more));
                isFirst = false;
            }
        }

        return cards.Count > 0 || number is not null || own?.Find("cardNumbers") is { IsEmpty: false };
    }

    private static Card? OfNumber(List<Card> cards, string? number) => cards.Find(c => c.Number is not null && c.Number == number);

    /// <summary>Adds the accounts that the payload lacks, and to those it has the kinds of identifier that they lack.</summary>
    private static void AddAccounts(PayloadSplice splice, PayloadSplice.Members customer, JsonPlace? own, AccountSource of, DirectoryRecord known)
    {
        if (own?.Find("accounts") is not { } list)
        {
            var source = customer.Object(of.Wire);
            source.Fact("accounts", known, of.Field);
            source.Close();
            return;
        }

        if (list.Kind != System.Text.Json.JsonValueKind.Array) return;
        var isFirst = list.IsEmpty;
        foreach (var account in DirectoryLists.Accounts(known.Values[of.Field]))
        {
            if (list.Items.FirstOrDefault(a => Lessons.Text(a.Find("accountId")) == account.AccountId) is { } same) AddIdentifiers(splice, same, account);
            else
            {
                splice.Append(list, isFirst, DirectoryLists.Write([account])![1..^1]);
                isFirst = false;
            }
        }
    }

    private static void AddIdentifiers(PayloadSplice splice, JsonPlace own, SourceAccount account)
    {
        if (account.Identifiers.Count == 0) return;
        var json = DirectoryLists.Write([account with { AccountId = null }])!;
        if (own.Find("identifiers") is not { } list)
        {
            // {"identifiers":[…]} without the object around it.
            var members = splice.In(own);
            members.Json("identifiers", json["[{\"identifiers\":".Length..^2]);
            return;
        }

        if (list.Kind != System.Text.Json.JsonValueKind.Array) return;
        var isFirst = list.IsEmpty;
        var types = list.Items.Select(i => Lessons.Text(i.Find("identifierType"))).ToHashSet();
        foreach (var identifier in account.Identifiers.Where(i => !types.Contains(i.IdentifierType)))
        {
            splice.Append(list, isFirst, $$"""{"identifierType":{{RecordJson.Quote(identifier.IdentifierType)}},"identifierValue":{{RecordJson.Quote(identifier.IdentifierValue)}}}""");
            isFirst = false;
        }
    }
}
