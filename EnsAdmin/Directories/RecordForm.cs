using System.Globalization;
using EnsAdmin.Domain;

namespace EnsAdmin.Directories;

/// <summary>
/// A record while a person edits it: every field as text, lists one item a line. What is made empty is taken out, what is not touched is not spoken of: neither a
/// field nor a line of it is read that stands there as it was, since a value may look like two.
/// </summary>
public sealed class RecordForm
{
    private readonly string[] _original;
    private readonly DirectoryRecord? _record;

    public RecordForm(DirectoryKind kind, DirectoryRecord? record)
    {
        (Kind, _record) = (kind, record);
        Id = record?.Id.ToString(CultureInfo.InvariantCulture) ?? "";
        Texts = [.. kind.Fields.Index().Select(f => Text(f.Item.Form, record?.Values[f.Index]))];
        _original = [.. Texts, Id];
    }

    public DirectoryKind Kind { get; }

    public string Id { get; set; }

    /// <summary>By the places of the kind's fields.</summary>
    public string[] Texts { get; }

    public bool IsChanged => !_original.SequenceEqual([.. Texts, Id]);

    /// <summary>Of the other sources those that something is written for.</summary>
    public IEnumerable<int> Sources => Kind.Fields.Index().Where(f => f.Item.Form == FieldForm.Accounts && Texts[f.Index].Length > 0).Select(f => f.Index);

    /// <summary>How the lines of a field are written.</summary>
    public static string? Hint(FieldForm form) => form switch
    {
        FieldForm.Cards => "One card a line: its number, or number and external id with a comma between",
        FieldForm.Accounts => "One identifier a line: its kind and value, or account, kind and value, with commas between",
        _ => null,
    };

    /// <summary>What the form says of the record.</summary>
    /// <returns>The change, or what is wrong by field (the id's name for the id).</returns>
    public (DirectoryChange? Change, IReadOnlyDictionary<string, string> Errors) Read()
    {
        var errors = new Dictionary<string, string>();
        if (!FieldRules.IsId(Id.Trim(), out var id)) errors[Kind.IdName] = $"The id {FieldRules.WholeNumber}.";
        var (values, given) = (new string?[Kind.Fields.Count], 0);
        foreach (var (i, field) in Kind.Fields.Index())
        {
            if (Texts[i] == _original[i]) continue;
            var wrong = field.Form switch
            {
                FieldForm.Cards => Cards(Texts[i], _record?.Values[i], out values[i]),
                FieldForm.Accounts => Accounts(Texts[i], _record?.Values[i], out values[i]),
                _ => FieldRules.Check(field.Form, Texts[i], out values[i]),
            };
            if (wrong is not null) errors[field.Name] = $"{field.Words} {wrong}.";
            given |= 1 << i;
        }

        return errors.Count > 0 ? (null, errors) : (new DirectoryChange(id, values, given), errors);
    }

    private static string? Cards(string text, string? before, out string? value)
    {
        var (cards, known) = (new List<Card>(), DirectoryLists.Cards(before).ToLookup(Line));
        value = null;
        foreach (var line in Lines(text))
        {
            if (known[line].FirstOrDefault() is { } same)
            {
                cards.Add(same);
                continue;
            }

            var parts = Parts(line);
            if (parts.Length > 2) return "must have a number and an external id in each line, no more";
            if (Wrong(parts) is { } wrong) return wrong;
            cards.Add(new Card(parts[0].Length > 0 ? parts[0] : null, parts is [_, { Length: > 0 } externalId] ? externalId : null));
        }

        if (cards.Count > DirectoryLists.MaxCards) return $"may have at most {DirectoryLists.MaxCards} lines";
        value = DirectoryLists.Write(cards);
        return null;
    }

    private static string? Accounts(string text, string? before, out string? value)
    {
        value = null;
        var known = DirectoryLists.Accounts(before).SelectMany(a => a.Identifiers.Select(i => (a.AccountId, Identifier: i))).ToLookup(i => Line(i.AccountId, i.Identifier));
        var identifiers = new List<(string? AccountId, SourceIdentifier Identifier)>();
        foreach (var line in Lines(text))
        {
            if (known.Contains(line))
            {
                identifiers.Add(known[line].First());
                continue;
            }

            var parts = Parts(line);
            if (parts.Length is not (2 or 3) || parts[^1].Length == 0 || parts[^2].Length == 0) return "must have kind and value, or account, kind and value, in each line";
            if (Wrong(parts) is { } wrong) return wrong;
            identifiers.Add((parts is [{ Length: > 0 } accountId, _, _] ? accountId : null, new SourceIdentifier(parts[^2], parts[^1])));
        }

        var accounts = identifiers.GroupBy(i => i.AccountId ?? "").Select(g => new SourceAccount(g.First().AccountId, [.. g.Select(i => i.Identifier)])).ToList();
        if (accounts.Count > DirectoryLists.MaxAccounts || accounts.Any(a => a.Identifiers.Count > DirectoryLists.MaxIdentifiers)) return $"may have at most {DirectoryLists.MaxAccounts} accounts with {DirectoryLists.MaxIdentifiers} identifiers each";
        value = DirectoryLists.Write(accounts);
        return null;
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string[] Parts(string line) => line.Split(',', StringSplitOptions.TrimEntries);

    private static string? Wrong(string[] parts) => parts.Select(p => FieldRules.Text(p, out _)).FirstOrDefault(w => w is not null);

    private static string Text(FieldForm form, string? value) => value is null ? "" : form switch
    {
        FieldForm.Cards => string.Join('\n', DirectoryLists.Cards(value).Select(Line)),
        FieldForm.Accounts => string.Join('\n', DirectoryLists.Accounts(value).SelectMany(a => a.Identifiers.Select(i => Line(a.AccountId, i)))),
        _ => value,
    };

    private static string Line(Card card) => card.ExternalId is null ? card.Number! : $"{card.Number}, {card.ExternalId}";

    private static string Line(string? accountId, SourceIdentifier identifier) => (accountId is null ? "" : accountId + ", ") + $"{identifier.IdentifierType}, {identifier.IdentifierValue}";
}
