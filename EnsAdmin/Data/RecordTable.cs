using System.Globalization;
using EnsAdmin.Domain;

namespace EnsAdmin.Data;

/// <summary>The table of one kind of record, and what was read of it lately.</summary>
internal sealed class RecordTable
{
    private readonly DirectoryKind _kind;
    private readonly Statement _find, _findOne, _put, _delete;

    public RecordTable(DirectoryKind kind, Func<string, Statement> prepare)
    {
        _kind = kind;
        // Of customers those of the last moment's events: what is remembered for longer costs the garbage collector more than it saves. Stores and tills are few.
        Cache = new DirectoryCache(kind == DirectoryKind.Customers ? 1024 : 16_384);
        var all = $"SELECT t.{kind.IdColumn}, {string.Join(", ", kind.Fields.Select(f => "t." + f.Column))}, t.Origin, t.OriginAt, t.Exceptions, t.LearnsAfter";
        var places = string.Join(", ", Enumerable.Range(1, kind.Fields.Count + 6).Select(i => string.Create(CultureInfo.InvariantCulture, $"?{i}")));
        _find = prepare($"{all} FROM json_each(?2) j CROSS JOIN {kind.Table} t ON t.OrgId = ?1 AND t.{kind.IdColumn} = j.value");
        _findOne = prepare($"{all} FROM {kind.Table} t WHERE t.OrgId = ?1 AND t.{kind.IdColumn} = ?2");
        _put = prepare($"INSERT OR REPLACE INTO {kind.Table} (OrgId, {kind.IdColumn}, {string.Join(", ", kind.Fields.Select(f => f.Column))}, Origin, OriginAt, Exceptions, LearnsAfter) VALUES ({places})");
        _delete = prepare($"DELETE FROM {kind.Table} WHERE OrgId = ?1 AND {kind.IdColumn} = ?2");
    }

    public DirectoryCache Cache { get; }

    /// <summary>The records of these ids as the running transaction finds them, by id; also those that are forgotten.</summary>
    public Dictionary<long, DirectoryRecord> Current(int orgId, IReadOnlyCollection<long> ids, bool remember)
    {
        var found = new Dictionary<long, DirectoryRecord>(ids.Count);
        List<long>? unknown = null;
        foreach (var id in ids)
        {
            if (!Cache.TryFind(orgId, id, out var known)) (unknown ??= []).Add(id);
            else if (known is not null) found[id] = known;
        }

        if (unknown is null) return found;
        foreach (var record in unknown is [var one] ? _findOne.Read(Read, orgId, one) : _find.Read(Read, orgId, SqliteDirectory.Json(unknown))) found[record.Id] = record;
        if (!remember) return found;
        foreach (var id in unknown) Cache.Add(orgId, id, found.GetValueOrDefault(id));
        return found;
    }

    public void Put(int orgId, DirectoryRecord record)
    {
        Span<SqlValue> values = new SqlValue[_kind.Fields.Count + 6];
        (values[0], values[1]) = (orgId, record.Id);
        for (var i = 0; i < _kind.Fields.Count; i++) values[i + 2] = record.Values[i];
        var rest = values[(_kind.Fields.Count + 2)..];
        (rest[0], rest[1], rest[2], rest[3]) = (record.Origin?.Text ?? "", record.Origin?.At ?? 0, record.Exceptions, record.LearnsAfter);
        _put.Execute(values);
        Cache.Change(orgId, record.Id);
    }

    public void Delete(int orgId, long id)
    {
        _delete.Execute(orgId, id);
        Cache.Change(orgId, id);
    }

    private DirectoryRecord Read(Row row)
    {
        var values = new string?[_kind.Fields.Count];
        for (var i = 0; i < values.Length; i++) values[i] = row.TextOrNull(i + 1);
        var rest = values.Length + 1;
        var origin = row.Text(rest) is { Length: > 0 } text ? FactOrigin.Read(text, row.Long(rest + 1)) : null;
        return new DirectoryRecord(row.Long(0), values, origin, row.TextOrNull(rest + 2), row.Long(rest + 3));
    }
}
