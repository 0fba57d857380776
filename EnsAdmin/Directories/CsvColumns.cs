using System.Globalization;
using EnsAdmin.Domain;
using EnsAdmin.Shared;

namespace EnsAdmin.Directories;

/// <summary>Something a column of a CSV file can hold.</summary>
/// <param name="Name">As the mapping spells it: a field, <c>cardNumbers</c>, <c>wechat.accountId</c>; <c>wechat</c> alone, to which the mapping adds a kind of identifier.</param>
/// <param name="Words">As the page calls it.</param>
public sealed record ImportTarget(string Name, string Words);

/// <summary>Which columns of a CSV file go where, and how a row becomes a record.</summary>
public sealed class CsvColumns
{
    public const string CardNumbers = "cardNumbers", CardExternalIds = "cardExternalIds";
    private const string AccountId = "accountId";
    private const char Between = '|';

    private readonly DirectoryKind _kind;
    private readonly IReadOnlyList<string> _heads;
    private readonly List<(int Column, int Field)> _plain = [];
    private readonly List<(int Field, int? Account, List<(int Column, string Type)> Identifiers)> _sources = [];
    private readonly int? _numbers, _externalIds;
    private readonly int _id;

    /// <param name="mapping">Targets and the names of their columns; null to go by the columns' own names.</param>
    /// <exception cref="UnreadableFileException">A column that is needed or named is not there.</exception>
    internal CsvColumns(DirectoryKind kind, IReadOnlyList<string> heads, IReadOnlyDictionary<string, string>? mapping)
    {
        (_kind, _heads) = (kind, heads);
        var isGuess = mapping is null;
        mapping ??= Guess(kind, heads);
        if (mapping.Values.FirstOrDefault(column => !heads.Contains(column)) is { } missing) throw new UnreadableFileException($"There is no column '{missing}'. The file has: {string.Join(", ", heads)}.");
        if (!mapping.TryGetValue(kind.IdName, out var id)) throw new UnreadableFileException($"{(isGuess ? "No column holds" : "The mapping names no column for")} the {kind.IdName}. The file has: {string.Join(", ", heads)}.");
        _id = Column(id);
        foreach (var (target, name) in mapping.Where(m => m.Key != kind.IdName))
        {
            if (target == CardNumbers) _numbers = Column(name);
            else if (target == CardExternalIds) _externalIds = Column(name);
            else if (SourceOf(kind, target) is { } source) AddSource(kind.IndexOf(source.Field.Name), source.Type, Column(name));
            else if (kind.IndexOf(target) is >= 0 and var field && kind.Fields[field].Form is not (FieldForm.Cards or FieldForm.Accounts)) _plain.Add((Column(name), field));
            else throw Unknown(kind, target);
        }
    }

    /// <summary>A mapping that somebody wrote, with the targets as they are spelled here; they may be called as columns are.</summary>
    /// <exception cref="UnreadableFileException">There is no such target, or it is there twice.</exception>
    public static IReadOnlyDictionary<string, string> Mapping(DirectoryKind kind, IEnumerable<(string Target, string Column)> given)
    {
        var mapping = new Dictionary<string, string>();
        foreach (var (name, column) in given)
        {
            var target = TargetOf(kind, name) ?? throw Unknown(kind, name);
            if (!mapping.TryAdd(target, column)) throw new UnreadableFileException($"Two columns are mapped to '{target}': {mapping[target]} and {column}.");
        }

        return mapping;
    }

    /// <summary>What columns can be mapped to, the id first; of the other sources the account, and identifiers of a kind that the mapping names.</summary>
    public static IEnumerable<ImportTarget> Targets(DirectoryKind kind)
    {
        yield return new(kind.IdName, $"{OriginWords.One(kind)} id");
        foreach (var field in kind.Fields.Where(f => f.Form is not (FieldForm.Cards or FieldForm.Accounts))) yield return new(field.Name, field.Words);
        if (kind != DirectoryKind.Customers) yield break;
        yield return new(CardNumbers, "Card numbers, with | between");
        yield return new(CardExternalIds, "External ids of the cards");
        foreach (var field in kind.Fields.Where(f => f.Form == FieldForm.Accounts))
        {
            yield return new($"{field.Name}.{AccountId}", $"{field.Words}: account");
            yield return new(field.Name, $"{field.Words}: identifier");
        }
    }

    /// <summary>A target in words.</summary>
    public static string Words(DirectoryKind kind, string target) => Targets(kind).FirstOrDefault(t => t.Name == target)?.Words ?? (SourceOf(kind, target) is { } source ? $"{source.Field.Words}: {source.Type}" : target);

    /// <summary>The source and the kind of identifier that a target names; null where it names another field.</summary>
    public static (DirectoryField Field, string Type)? SourceOf(DirectoryKind kind, string target) =>
        target.Split('.', 2) is [var source, { Length: > 0 } type] && kind.Fields.FirstOrDefault(f => f.Form == FieldForm.Accounts && Plain(f.Name) == Plain(source)) is { } field ? (field, type.Trim()) : null;

    /// <summary>The targets that the columns' names speak for, each with its column.</summary>
    public static IReadOnlyDictionary<string, string> Guess(DirectoryKind kind, IReadOnlyList<string> heads)
    {
        var guessed = new Dictionary<string, string>();
        // Beside a customerId, a column that is only called id is something else's.
        foreach (var head in heads.OrderBy(h => Plain(h) == "id"))
            if (TargetOf(kind, head) is { } target) guessed.TryAdd(target, head);
        return guessed;
    }

    /// <summary>The known name that a column's name comes near to, such as <c>email</c> for Mail; null for none, and where it is that name or another column has its place.</summary>
    /// <param name="taken">Targets that have their columns.</param>
    public static string? Near(DirectoryKind kind, string head, IEnumerable<string> taken) =>
        Nearest.To(head, Names(kind)) is { } near && near != head && !taken.Contains(TargetOf(kind, near)) ? near : null;

    /// <summary>The same as <see cref="Guess"/> with what names come near to: for somebody to look at.</summary>
    public static IReadOnlyDictionary<string, string> Suggest(DirectoryKind kind, IReadOnlyList<string> heads)
    {
        var suggested = Guess(kind, heads).ToDictionary();
        foreach (var head in heads.Where(h => h.Length > 0).Except(suggested.Values).ToList())
            if (Near(kind, head, suggested.Keys) is { } near) suggested.Add(TargetOf(kind, near)!, head);
        return suggested;
    }

    /// <summary>The row as a record; an empty cell says nothing.</summary>
    /// <returns>Null where something is wrong, which is then among the faults.</returns>
    internal DirectoryChange? Read(IReadOnlyList<string> cells, List<LineFault> faults)
    {
        var before = faults.Count;
        var (values, given) = (new string?[_kind.Fields.Count], 0);
        if (!FieldRules.IsId(cells[_id].AsSpan().Trim(), out var id)) faults.Add(Fault(_id, cells, FieldRules.WholeNumber));
        foreach (var (column, field) in _plain)
        {
            if (FieldRules.Check(_kind.Fields[field].Form, cells[column], out var value) is { } wrong) faults.Add(Fault(column, cells, wrong));
            else if (value is not null) (values[field], given) = (value, given | 1 << field);
        }

        if (Cards(cells, faults) is { } cards) (values[CustomerFields.Cards], given) = (cards, given | 1 << CustomerFields.Cards);
        foreach (var (field, account, identifiers) in _sources)
        {
            var accountId = account is { } at ? Text(at, cells, faults) : null;
            var found = identifiers.Select(i => (i.Type, Value: Text(i.Column, cells, faults))).Where(i => i.Value is not null).Select(i => new SourceIdentifier(i.Type, i.Value!)).ToList();
            if (accountId is null && found.Count == 0) continue;
            (values[field], given) = (DirectoryLists.Write([new SourceAccount(accountId, found)]), given | 1 << field);
        }

        return faults.Count > before ? null : new DirectoryChange(id, values, given);
    }

    private string? Cards(IReadOnlyList<string> cells, List<LineFault> faults)
    {
        if (_numbers is null && _externalIds is null) return null;
        var (numbers, externalIds) = (Parts(_numbers, cells), Parts(_externalIds, cells));
        var count = Math.Max(numbers.Length, externalIds.Length);
        if (count > DirectoryLists.MaxCards)
        {
            faults.Add(Fault(_numbers ?? _externalIds!.Value, cells, string.Create(CultureInfo.InvariantCulture, $"may have at most {DirectoryLists.MaxCards} items")));
            return null;
        }

        var cards = new List<Card>(count);
        for (var i = 0; i < count; i++)
        {
            var card = new Card(Part(numbers, i, _numbers), Part(externalIds, i, _externalIds));
            if (card is not { Number: null, ExternalId: null }) cards.Add(card);
        }

        return DirectoryLists.Write(DirectoryLists.Distinct(cards));

        string? Part(string[] parts, int i, int? column)
        {
            if (i >= parts.Length) return null;
            if (FieldRules.Text(parts[i], out var value) is { } wrong) faults.Add(Fault(column!.Value, cells, wrong));
            return value;
        }
    }

    private static string[] Parts(int? column, IReadOnlyList<string> cells) => column is { } at && cells[at].Length > 0 ? cells[at].Split(Between) : [];

    private string? Text(int column, IReadOnlyList<string> cells, List<LineFault> faults)
    {
        if (FieldRules.Text(cells[column], out var value) is { } wrong) faults.Add(Fault(column, cells, wrong));
        return value;
    }

    private LineFault Fault(int column, IReadOnlyList<string> cells, string wrong) => new(_heads[column], RefusedFile.Shorten(cells[column]), $"{_heads[column]} {wrong}.");

    private int Column(string name) => _heads.Index().First(h => h.Item == name).Index;

    private void AddSource(int field, string type, int column)
    {
        var at = _sources.FindIndex(s => s.Field == field);
        if (at < 0) (at, _) = (_sources.Count, 0);
        if (at == _sources.Count) _sources.Add((field, null, []));
        if (type == AccountId) _sources[at] = _sources[at] with { Account = column };
        else _sources[at].Identifiers.Add((column, type));
    }

    /// <summary>The target that a name speaks for, however it is spelled: <c>mobile</c>, <c>Mobile</c> and <c>instore.mobile</c> are one. Null where it speaks for none.</summary>
    private static string? TargetOf(DirectoryKind kind, string name)
    {
        var plain = Plain(name);
        if (plain == Plain(kind.IdName) || plain == "id") return kind.IdName;
        if (kind.Fields.FirstOrDefault(f => f.Form is not (FieldForm.Cards or FieldForm.Accounts) && (plain == Plain(f.Name) || plain == Plain(f.Name.Split('.')[^1]))) is { } field) return field.Name;
        if (kind != DirectoryKind.Customers) return null;
        if (plain is "cardnumbers" or "cardnumber" or "instorecardnumbers" or "instorecardnumber") return CardNumbers;
        if (plain is "cardexternalids" or "cardexternalid" or "instorecardexternalids" or "instorecardexternalid") return CardExternalIds;
        return SourceOf(kind, name) is { } source ? $"{source.Field.Name}.{source.Type}" : null;
    }

    /// <summary>The names that <see cref="TargetOf"/> knows, apart from the identifiers of other sources.</summary>
    private static IEnumerable<string> Names(DirectoryKind kind) => Targets(kind).Where(t => t.Name != "instore.id" && !kind.Fields.Any(f => f.Form == FieldForm.Accounts && t.Name.Split('.')[0] == f.Name)).Select(t => t.Name.Split('.')[^1]);

    private static UnreadableFileException Unknown(DirectoryKind kind, string name)
    {
        var sources = kind.Fields.Where(f => f.Form == FieldForm.Accounts).Select(f => f.Name).ToList();
        return new($"A {kind.One} has no '{name}' to fill from a column; there are {string.Join(", ", Names(kind))}{(sources.Count == 0 ? "" : $", instore.id, and of {string.Join(", ", sources)} the {AccountId} and any kind of identifier, such as wechat.openid")}.");
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
