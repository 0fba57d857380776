using System.Globalization;
using EnsAdmin.Domain;

namespace EnsAdmin.Directories;

/// <summary>A record while a person edits it: every field as text, lists one item a line. What is made empty is taken out, what is not touched is not spoken of.</summary>
public sealed class RecordForm
{
    private readonly string[] _original;

    public RecordForm(DirectoryKind kind, DirectoryRecord? record)
    {
        Kind = kind;
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
            var wrong = field.Form switch
            {
                FieldForm.Cards => Cards(Texts[i], out values[i]),
                FieldForm.Accounts => Accounts(Texts[i], out values[i]),
                _ => FieldRules.Check(field.Form, Texts[i], out values[i]),
            };
            if (wrong is not null) errors[field.Name] = $"{field.Words} {wrong}.";
            if (Texts[i] != _original[i]) given |= 1 << i;
        }

        return errors.Count > 0 ? (null, errors) : (new DirectoryChange(id, values, given), errors);
    }

    private static string? Cards(string text, out string? value)
    {
        var cards = new List<Card>();
        value = null;
        foreach (var parts in Lines(text))
        {
            if (parts.Length > 2) return "must have a number and an external id in each line, no more";
            if (Wrong(parts) is { } wrong) return wrong;
            cards.Add(new Card(parts[0].Length > 0 ? parts[0] : null, parts is [_, { Length: > 0 } externalId] ? externalId : null));
        }

        if (cards.Count > DirectoryLists.MaxCards) return $"may have at most {DirectoryLists.MaxCards} lines";
        value = DirectoryLists.Write(cards);
        return null;
    }

    private static string? Accounts(string text, out string? value)
    {
        value = null;
        var lines = Lines(text).ToList();
        if (lines.Any(l => l.Length is not (2 or 3) || l[^1].Length == 0 || l[^2].Length == 0)) return "must have kind and value, or account, kind and value, in each line";
        if (lines.Select(Wrong).FirstOrDefault(w => w is not null) is { } wrong) return wrong;
        var accounts = lines.GroupBy(l => l.Length == 3 && l[0].Length > 0 ? l[0] : "").Select(g => new SourceAccount(g.Key.Length > 0 ? g.Key : null, [.. g.Select(l => new SourceIdentifier(l[^2], l[^1]))])).ToList();
        if (accounts.Count > DirectoryLists.MaxAccounts || accounts.Any(a => a.Identifiers.Count > DirectoryLists.MaxIdentifiers)) return $"may have at most {DirectoryLists.MaxAccounts} accounts with {DirectoryLists.MaxIdentifiers} identifiers each";
        value = DirectoryLists.Write(accounts);
        return null;
    }

    private static IEnumerable<string[]> Lines(string text) => text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(',', StringSplitOptions.TrimEntries));

    private static string? Wrong(string[] parts) => parts.Select(p => FieldRules.Text(p, out _)).FirstOrDefault(w => w is not null);

    private static string Text(FieldForm form, string? value) => value is null ? "" : form switch
    {
        FieldForm.Cards => string.Join('\n', DirectoryLists.Cards(value).Select(c => c.ExternalId is null ? c.Number : $"{c.Number}, {c.ExternalId}")),
        FieldForm.Accounts => string.Join('\n', DirectoryLists.Accounts(value).SelectMany(a => a.Identifiers.Select(i => (a.AccountId is null ? "" : a.AccountId + ", ") + $"{i.IdentifierType}, {i.IdentifierValue}"))),
        _ => value,
    };
}
