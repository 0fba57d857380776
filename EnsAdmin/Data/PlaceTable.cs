using System.Globalization;
using EnsAdmin.Domain;

namespace EnsAdmin.Data;

/// <summary>Stores or tills: a column for each field. They are few and seldom change, so that what was read of them lately is remembered.</summary>
internal sealed class PlaceTable : RecordTable
{
    private readonly DirectoryCache _cache = new(16_384);
    private readonly DirectoryKind _kind;
    private readonly Statement _find, _put, _delete;

    public PlaceTable(DirectoryKind kind, Func<string, Statement> prepare)
    {
        _kind = kind;
        var places = string.Join(", ", Enumerable.Range(1, kind.Fields.Count + 6).Select(i => string.Create(CultureInfo.InvariantCulture, $"?{i}")));
        _find = prepare($"SELECT t.{kind.IdColumn}, {string.Join(", ", kind.Fields.Select(f => "t." + f.Column))}, t.Origin, t.OriginAt, t.Exceptions, t.LearnsAfter FROM json_each(?2) j CROSS JOIN {kind.Table} t ON t.OrgId = ?1 AND t.{kind.IdColumn} = j.value");
        _put = prepare($"INSERT OR REPLACE INTO {kind.Table} (OrgId, {kind.IdColumn}, {string.Join(", ", kind.Fields.Select(f => f.Column))}, Origin, OriginAt, Exceptions, LearnsAfter) VALUES ({places})");
        _delete = prepare($"DELETE FROM {kind.Table} WHERE OrgId = ?1 AND {kind.IdColumn} = ?2");
    }

    public override Dictionary<long, DirectoryRecord> Current(int orgId, IReadOnlyCollection<long> ids)
    {
        var found = new Dictionary<long, DirectoryRecord>(ids.Count);
        List<long>? unknown = null;
        foreach (var id in ids)
        {
            if (!_cache.TryFind(orgId, id, out var known)) (unknown ??= []).Add(id);
            else if (known is not null) found[id] = known;
        }

        if (unknown is null) return found;
        foreach (var record in _find.Read(Read, orgId, SqliteDirectory.Json(unknown))) found[record.Id] = record;
        foreach (var id in unknown) _cache.Add(orgId, id, found.GetValueOrDefault(id));
        return found;
    }

    public override void Put(int orgId, DirectoryRecord record)
    {
        Span<SqlValue> values = new SqlValue[_kind.Fields.Count + 6];
        (values[0], values[1]) = (orgId, record.Id);
        for (var i = 0; i < _kind.Fields.Count; i++) values[i + 2] = record.Values[i];
        var rest = values[(_kind.Fields.Count + 2)..];
        (rest[0], rest[1], rest[2], rest[3]) = (record.Origin?.Text ?? "", record.Origin?.At ?? 0, record.Exceptions, record.LearnsAfter);
        _put.Execute(values);
        _cache.Change(orgId, record.Id);
    }

    public override void Delete(int orgId, long id)
    {
        _delete.Execute(orgId, id);
        _cache.Change(orgId, id);
    }

    public override void ForgetAll() => _cache.Clear();

    public override void Settle() => _cache.Settle();

    private DirectoryRecord Read(Row row)
    {
        var values = new string?[_kind.Fields.Count];
        for (var i = 0; i < values.Length; i++) values[i] = row.TextOrNull(i + 1);
        var rest = values.Length + 1;
        var origin = row.Text(rest) is { Length: > 0 } text ? FactOrigin.Read(text, row.Long(rest + 1)) : null;
        return new DirectoryRecord(_kind, row.Long(0), values, origin, row.TextOrNull(rest + 2), row.Long(rest + 3));
    }
}
