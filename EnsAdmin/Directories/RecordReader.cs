using System.Globalization;
using System.Text.Json;
using EnsAdmin.Domain;
using EnsAdmin.Shared;

namespace EnsAdmin.Directories;

/// <summary>Reads a record as the API and NDJSON files carry it. What is left out is not spoken of; null takes a value out.</summary>
internal static class RecordReader
{
    /// <param name="at">JSON pointer to the item.</param>
    /// <returns>Null where something is wrong, which is then among the errors.</returns>
    public static DirectoryChange? Read(DirectoryKind kind, JsonElement item, string at, List<ApiError> errors)
    {
        var before = errors.Count;
        if (item.ValueKind != JsonValueKind.Object)
        {
            errors.Add(new ApiError(400, $"A {kind.One} must be a JSON object.", at));
            return null;
        }

        var reading = new Reading(kind, errors);
        long? id = null;
        foreach (var member in item.EnumerateObject())
        {
            var pointer = $"{at}/{Escape(member.Name)}";
            if (member.Name == kind.IdName)
            {
                if (Number(member.Value) is { } number) id = number;
                else errors.Add(new ApiError(400, $"{kind.IdName} {FieldRules.WholeNumber}.", pointer));
            }
            else if (kind == DirectoryKind.Customers && member.Name == "instore") reading.Instore(member.Value, pointer);
            else if (kind.IndexOf(member.Name) is >= 0 and var field) reading.Field(field, member.Value, pointer);
            else errors.Add(new ApiError(400, $"A {kind.One} has no field '{member.Name}'; there are {Names(kind)}.", pointer));
        }

        if (id is null && errors.Count == before) errors.Add(new ApiError(400, $"{kind.IdName} is required, but missing.", $"{at}/{kind.IdName}"));
        return errors.Count > before ? null : new DirectoryChange(id!.Value, reading.Values, reading.Given);
    }

    public static string Escape(string token) => token.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static string Names(DirectoryKind kind) => string.Join(", ", kind.Fields.Select(f => f.Name.Split('.')[0]).Prepend(kind.IdName).Distinct());

    private static long? Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetInt64(out var number) && number >= 0 => number,
        JsonValueKind.String when FieldRules.IsId(value.GetString(), out var number) => number,
        _ => null,
    };

    private sealed class Reading(DirectoryKind kind, List<ApiError> errors)
    {
        private const string InstoreNames = "id, mobile, email, externalId, cards";

        public string?[] Values { get; } = new string?[kind.Fields.Count];
        public int Given { get; private set; }

        public void Instore(JsonElement value, string at)
        {
            if (value.ValueKind == JsonValueKind.Null)
            {
                for (var i = 0; i < CustomerFields.FirstSource; i++) Set(i, null);
                return;
            }

            if (!Is(value, JsonValueKind.Object, "instore must be an object", at)) return;
            foreach (var member in value.EnumerateObject())
            {
                var pointer = $"{at}/{Escape(member.Name)}";
                if (kind.IndexOf("instore." + member.Name) is >= 0 and var field) Field(field, member.Value, pointer);
                else errors.Add(new ApiError(400, $"instore has no field '{member.Name}'; there are {InstoreNames}.", pointer));
            }
        }

        public void Field(int field, JsonElement value, string at)
        {
            var (name, form) = (kind.Fields[field].Name, kind.Fields[field].Form);
            if (value.ValueKind == JsonValueKind.Null) Set(field, null);
            else if (form == FieldForm.Cards) Set(field, Cards(value, at));
            else if (form == FieldForm.Accounts) Set(field, Accounts(name, value, at));
            else if (form == FieldForm.Number && value.ValueKind == JsonValueKind.Number)
            {
                if (Number(value) is { } number) Set(field, number.ToString(CultureInfo.InvariantCulture));
                else errors.Add(new ApiError(400, $"{name} {FieldRules.WholeNumber}.", at));
            }
            else if (Is(value, JsonValueKind.String, $"{name} must be {(form == FieldForm.Number ? "a whole number" : "text")}", at))
            {
                if (FieldRules.Check(form, value.GetString()!, out var kept) is { } wrong) errors.Add(new ApiError(400, $"{name} {wrong}.", at));
                else Set(field, kept);
            }
        }

        private string? Cards(JsonElement value, string at)
        {
            var cards = new List<Card>();
            foreach (var (card, pointer) in Items(value, "instore.cards", DirectoryLists.MaxCards, at))
            {
                if (card.ValueKind == JsonValueKind.String)
                {
                    if (Text(card, "A card number", pointer) is { } alone) cards.Add(new Card(alone, null));
                    continue;
                }

                if (!Is(card, JsonValueKind.Object, "A card must be its number, or an object with number, externalId", pointer)) continue;
                var parts = Parts(card, pointer, "A card", "number", "externalId");
                if (parts is [null, null]) errors.Add(new ApiError(400, "A card must have a number or an externalId.", pointer));
                else cards.Add(new Card(parts[0], parts[1]));
            }

            return DirectoryLists.Write(DirectoryLists.Distinct(cards));
        }

        private string? Accounts(string source, JsonElement value, string at)
        {
            if (!Is(value, JsonValueKind.Object, $"{source} must be an object with accounts", at)) return null;
            foreach (var other in value.EnumerateObject().Where(m => m.Name != "accounts")) errors.Add(new ApiError(400, $"{source} has no field '{other.Name}'; there is accounts.", $"{at}/{Escape(other.Name)}"));
            if (!value.TryGetProperty("accounts", out var list)) return null;
            var accounts = new List<SourceAccount>();
            foreach (var (account, pointer) in Items(list, $"{source}.accounts", DirectoryLists.MaxAccounts, $"{at}/accounts"))
            {
                if (!Is(account, JsonValueKind.Object, "An account must be an object with accountId, identifiers", pointer)) continue;
                foreach (var other in account.EnumerateObject().Where(m => m.Name is not ("accountId" or "identifiers"))) errors.Add(new ApiError(400, $"An account has no field '{other.Name}'; there are accountId, identifiers.", $"{pointer}/{Escape(other.Name)}"));
                var id = account.TryGetProperty("accountId", out var given) && given.ValueKind != JsonValueKind.Null ? Text(given, "accountId", $"{pointer}/accountId") : null;
                var identifiers = new List<SourceIdentifier>();
                if (account.TryGetProperty("identifiers", out var inside))
                {
                    foreach (var (identifier, place) in Items(inside, "identifiers", DirectoryLists.MaxIdentifiers, $"{pointer}/identifiers"))
                    {
                        if (!Is(identifier, JsonValueKind.Object, "An identifier must be an object with identifierType, identifierValue", place)) continue;
                        var parts = Parts(identifier, place, "An identifier", "identifierType", "identifierValue");
                        if (parts is [{ } type, { } text]) identifiers.Add(new SourceIdentifier(type, text));
                        else errors.Add(new ApiError(400, "An identifier must have identifierType and identifierValue.", place));
                    }
                }

                accounts.Add(new SourceAccount(id, identifiers));
            }

            return DirectoryLists.Write(accounts);
        }

        private string?[] Parts(JsonElement item, string at, string what, params string[] names)
        {
            foreach (var other in item.EnumerateObject().Where(m => !names.Contains(m.Name))) errors.Add(new ApiError(400, $"{what} has no field '{other.Name}'; there are {string.Join(", ", names)}.", $"{at}/{Escape(other.Name)}"));
            return [.. names.Select(name => item.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? Text(value, name, $"{at}/{name}") : null)];
        }

        private IEnumerable<(JsonElement Item, string At)> Items(JsonElement list, string name, int most, string at)
        {
            if (!Is(list, JsonValueKind.Array, $"{name} must be a list", at)) return [];
            if (list.GetArrayLength() <= most) return list.EnumerateArray().Index().Select(i => (i.Item, string.Create(CultureInfo.InvariantCulture, $"{at}/{i.Index}")));
            errors.Add(new ApiError(400, string.Create(CultureInfo.InvariantCulture, $"{name} may have at most {most} items."), at));
            return [];
        }

        private string? Text(JsonElement value, string name, string at)
        {
            if (!Is(value, JsonValueKind.String, $"{name} must be text", at)) return null;
            if (FieldRules.Text(value.GetString()!, out var kept) is { } wrong) errors.Add(new ApiError(400, $"{name} {wrong}.", at));
            return kept;
        }

        private bool Is(JsonElement value, JsonValueKind wanted, string message, string at)
        {
            if (value.ValueKind == wanted) return true;
            errors.Add(new ApiError(400, $"{message}.", at));
            return false;
        }

        private void Set(int field, string? value) => (Values[field], Given) = (value, Given | 1 << field);
    }
}
