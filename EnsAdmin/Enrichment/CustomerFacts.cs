using EnsAdmin.Domain;

namespace EnsAdmin.Enrichment;

/// <summary>Puts what is known of a customer into a payload: the identifiers of the sources that were asked for, and cards.</summary>
internal static class CustomerFacts
{
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
        var missing = new List<string>();
        if ((wanted & EnrichmentFacts.Instore) != 0 && !AddInstore(instore, known, updates)) missing.Add("InStore");
        if ((wanted & EnrichmentFacts.CardNumber) != 0 && !AddCards(splice, instore, place.Find("instore"), DirectoryLists.Cards(known.Values[CustomerFields.Cards])))
            unknown.Add(FormattableString.Invariant($"card numbers of customer {id} unknown"));
        instore.Close();
        foreach (var source in IdentifierSources.WithAccounts)
        {
            if ((wanted & source.Fact) == 0) continue;
            if (known.Values[source.Field] is { } accounts) AddAccounts(splice, customer, place.Find(source.Wire), source.Wire, accounts);
            else if (place.Find(source.Wire) is null) missing.Add(source.Name);
        }

        if (missing.Count > 0) unknown.Add(FormattableString.Invariant($"{string.Join(", ", missing)} identifiers of customer {id} unknown"));
    }

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
        instore.Json("id", known.Values[CustomerFields.InstoreId]);
        instore.Text("mobile", updates.Now(CustomerFields.Mobile, known.Values[CustomerFields.Mobile]));
        instore.Text("email", updates.Now(CustomerFields.Email, known.Values[CustomerFields.Email]));
        instore.Text("externalId", updates.Now(CustomerFields.ExternalId, known.Values[CustomerFields.ExternalId]));
        return known.Values.AsSpan(0, CustomerFields.Cards).ContainsAnyExcept((string?)null) || instore.Has("mobile") || instore.Has("email") || instore.Has("externalId");
    }

    /// <summary>One card in full, that of the payload or the first, and the numbers of all.</summary>
    private static bool AddCards(PayloadSplice splice, PayloadSplice.Members instore, JsonPlace? own, IReadOnlyList<Card> cards)
    {
        var number = Lessons.Text(own?.Find("cardnumber"));
        var shown = instore.Has("cardnumber") ? cards.FirstOrDefault(c => c.Number is not null && c.Number == number) : instore.Has("cardexternalid") ? null : cards.FirstOrDefault(c => c.Number is not null) ?? (cards.Count > 0 ? cards[0] : null);
        instore.Text("cardnumber", shown?.Number);
        instore.Text("cardexternalid", shown?.ExternalId);
        var all = cards.Select(c => c.Number).OfType<string>().ToList();
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
                splice.Append(list, isFirst, PayloadSplice.Quote(more));
                isFirst = false;
            }
        }

        return cards.Count > 0 || number is not null || own?.Find("cardNumbers") is { IsEmpty: false };
    }

    /// <summary>Adds the accounts that the payload lacks, and to those it has the kinds of identifier that they lack.</summary>
    private static void AddAccounts(PayloadSplice splice, PayloadSplice.Members customer, JsonPlace? own, string wire, string accounts)
    {
        if (own?.Find("accounts") is not { } list)
        {
            var source = customer.Object(wire);
            source.Json("accounts", accounts);
            source.Close();
            return;
        }

        if (list.Kind != System.Text.Json.JsonValueKind.Array) return;
        var isFirst = list.IsEmpty;
        foreach (var account in DirectoryLists.Accounts(accounts))
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
            splice.Append(list, isFirst, $$"""{"identifierType":{{PayloadSplice.Quote(identifier.IdentifierType)}},"identifierValue":{{PayloadSplice.Quote(identifier.IdentifierValue)}}}""");
            isFirst = false;
        }
    }
}
