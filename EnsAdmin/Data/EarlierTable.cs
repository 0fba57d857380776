using EnsAdmin.Domain;

namespace EnsAdmin.Data;

/// <summary>
/// Records as they were, for events whose payloads have yet to be made (<see cref="EarlierRecord"/>). Kept in the transaction of the change, whoever makes it; where no event
/// of the organization waits for its payload, nothing is.
/// </summary>
internal sealed class EarlierTable
{
    private readonly Statement _newestAwaiting, _keep, _has, _find, _drop, _dropOf;

    public EarlierTable(Func<string, Statement> prepare)
    {
        _newestAwaiting = prepare("SELECT MAX(EventMessageId) FROM Deliveries WHERE OrgId = ?1 AND ToEnrich");
        // What was kept before for the same events, or for more, is what they came in with.
        _keep = prepare("""
            INSERT INTO EarlierRecords (OrgId, Kind, RecordId, UpTo, Facts, Origin, OriginAt) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
            WHERE NOT EXISTS (SELECT 1 FROM EarlierRecords WHERE OrgId = ?1 AND Kind = ?2 AND RecordId = ?3 AND UpTo >= ?4)
            """);
        _has = prepare("SELECT 1 FROM EarlierRecords WHERE OrgId = ?1 AND UpTo >= ?2 LIMIT 1");
        _find = prepare("""
            SELECT e.RecordId, e.Facts, e.Origin, e.OriginAt, MIN(e.UpTo) FROM json_each(?3) j CROSS JOIN EarlierRecords e ON e.OrgId = ?1 AND e.Kind = ?2 AND e.RecordId = j.value AND e.UpTo >= ?4
            GROUP BY e.RecordId
            """);
        _drop = prepare("""
            DELETE FROM EarlierRecords WHERE rowid IN (SELECT e.rowid FROM Organizations o CROSS JOIN EarlierRecords e ON e.OrgId = o.OrgId
                AND e.UpTo < COALESCE((SELECT MIN(d.EventMessageId) FROM Deliveries d WHERE d.OrgId = o.OrgId AND d.ToEnrich), 9223372036854775807) LIMIT ?1)
            """);
        _dropOf = prepare("DELETE FROM EarlierRecords WHERE OrgId = ?1 AND Kind = ?2 AND RecordId = ?3");
    }

    /// <summary>The newest event that a change must not show in; null where none waits for its payload.</summary>
    public long? NewestAwaiting(int orgId) => _newestAwaiting.Number(orgId);

    /// <param name="before">As it is before the change.</param>
    /// <param name="upTo">As <see cref="NewestAwaiting"/>.</param>
    public void Keep(int orgId, DirectoryRecord before, long upTo)
    {
        var isEmpty = before.IsForgotten && before.Points.Count == 0 && before.Awards.Count == 0;
        _keep.Execute(orgId, before.Kind.Number, before.Id, upTo, isEmpty ? default : SqlValue.Utf8(before.Json.Bytes), before.Origin?.Text ?? "", before.Origin?.At ?? 0);
    }

    /// <summary>Whether any record of the organization was changed since an event came in.</summary>
    public bool Has(int orgId, long eventId) => _has.Number(orgId, eventId) is not null;

    /// <summary>Puts in their places the records that were changed since an event came in, and takes out those that came later.</summary>
    /// <param name="current">What is known now of <paramref name="ids"/>.</param>
    public void Restore(int orgId, DirectoryKind kind, IReadOnlyCollection<long> ids, long eventId, Dictionary<long, DirectoryRecord> current)
    {
        if (ids.Count == 0) return;
        foreach (var (id, facts, origin, at) in _find.Read(r => (r.Long(0), r.BlobOrNull(1), r.Text(2), r.Long(3)), orgId, kind.Number, SqliteDirectory.Json(ids), eventId))
        {
            if (facts is null) current.Remove(id);
            else current[id] = new DirectoryRecord(kind, id, RecordJson.Read(kind, facts), (origin, at), null, 0);
        }
    }

    /// <summary>Drops at most so many that no event needs any more.</summary>
    public int Drop(int limit) => _drop.Execute(limit);

    /// <summary>Drops all of one record.</summary>
    public void Drop(int orgId, DirectoryKind kind, long id) => _dropOf.Execute(orgId, kind.Number, id);
}
