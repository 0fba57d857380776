using EnsAdmin.Domain;

namespace EnsAdmin.Data;

/// <summary>
/// The SQL of imports beside the records themselves, and of masking what was stored of a customer. Each piece of an import notes in its own transaction how far
/// it has come: after a kill nothing is done twice and nothing left out.
/// </summary>
public sealed class SqliteImports
{
    private readonly Statement _isWriting, _written, _indexed, _checked, _maskEvent, _maskEnriched, _maskAnswer, _markEvent;

    internal SqliteImports(Func<string, Statement> prepare)
    {
        _isWriting = prepare("SELECT 1 FROM ImportJobs WHERE Id = ?1 AND State = 'Writing'");
        _written = prepare("""
            UPDATE ImportJobs SET WrittenLine = ?2, BytesRead = ?3, Added = Added + ?4, Changed = Changed + ?5, Unchanged = Unchanged + ?6, Refused = ?7
            WHERE Id = ?1
            """);
        _indexed = prepare("UPDATE ImportJobs SET IndexedLine = ?2 WHERE Id = ?1 AND IndexedLine < ?2");
        _checked = prepare("UPDATE ImportJobs SET BytesRead = ?2, Added = ?3, Changed = ?4, Unchanged = ?5, Refused = ?6 WHERE Id = ?1 AND State = 'Checking'");
        _maskEvent = prepare("UPDATE EventMessages SET Body = ?3 WHERE Id = ?2 AND OrgId = ?1");
        _markEvent = prepare("UPDATE EventMessages SET MaskedAt = ?3 WHERE Id = ?2 AND OrgId = ?1");
        _maskEnriched = prepare("UPDATE EnrichedBodies SET Body = ?3 WHERE Id = ?2 AND OrgId = ?1");
        _maskAnswer = prepare("UPDATE Attempts SET ResponseStart = ?3 WHERE Id = ?2 AND OrgId = ?1");
    }

    /// <summary>Whether the job is to go on; otherwise nothing more is to be written.</summary>
    public bool IsWriting(long jobId) => _isWriting.Number(jobId) == 1;

    /// <summary>Notes what a piece has written, up to a line of the file.</summary>
    /// <param name="counts">Of the piece; of the refused lines all so far.</param>
    public void Written(long jobId, long line, long bytesRead, ImportCounts counts) =>
        _written.Execute(jobId, line, bytesRead, counts.Added, counts.Changed, counts.Unchanged, counts.Refused);

    /// <summary>Notes up to which line the records can be searched for.</summary>
    public void Indexed(long jobId, long line) => _indexed.Execute(jobId, line);

    /// <summary>Notes how far a file has been checked, and what would come of it.</summary>
    /// <returns>False when the job is not to go on.</returns>
    public bool Checked(long jobId, long bytesRead, ImportCounts counts) => _checked.Execute(jobId, bytesRead, counts.Added, counts.Changed, counts.Unchanged, counts.Refused) == 1;

    /// <summary>Puts other bytes in the place of a stored payload, of which somebody's identifiers were taken out; of an event it is noted.</summary>
    /// <param name="now">UTC ticks.</param>
    public void Mask(int orgId, StoredPayload payload, long now)
    {
        (payload.Kind switch { PayloadKind.Event => _maskEvent, PayloadKind.Enriched => _maskEnriched, _ => _maskAnswer }).Execute(orgId, payload.Id, payload.Body);
        if (payload.Kind != PayloadKind.Answer) _markEvent.Execute(orgId, payload.Kind == PayloadKind.Event ? payload.Id : payload.Id / EnrichedBody.Combinations, now);
    }
}

/// <summary>Where a payload, or what a receiver answered to it, is stored.</summary>
public enum PayloadKind { Event, Enriched, Answer }

public sealed record StoredPayload(PayloadKind Kind, long Id, byte[] Body);
