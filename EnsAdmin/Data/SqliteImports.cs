using EnsAdmin.Domain;

namespace EnsAdmin.Data;

/// <summary>
/// The SQL of imports beside the records themselves, and of masking what was stored of a customer. Each piece of an import notes in its own transaction how far
/// it has come: after a kill nothing is done twice and nothing left out.
/// </summary>
public sealed class SqliteImports
{
    private readonly Statement _isWriting, _written, _indexed, _checked, _bodyOf, _enrichedOf, _maskEvent, _maskEnriched, _maskAnswer;

    internal SqliteImports(Func<string, Statement> prepare)
    {
        _isWriting = prepare("SELECT 1 FROM ImportJobs WHERE Id = ?1 AND State = 'Writing'");
        _written = prepare("""
            UPDATE ImportJobs SET WrittenLine = ?2, BytesRead = ?3, Added = Added + ?4, Changed = Changed + ?5, Unchanged = Unchanged + ?6, Refused = ?7
            WHERE Id = ?1
            """);
        _indexed = prepare("UPDATE ImportJobs SET IndexedLine = ?2 WHERE Id = ?1 AND IndexedLine < ?2");
        _checked = prepare("UPDATE ImportJobs SET BytesRead = ?2, Added = ?3, Changed = ?4, Unchanged = ?5, Refused = ?6 WHERE Id = ?1 AND State = 'Checking'");
        _bodyOf = prepare("SELECT Body FROM EventMessages WHERE Id = ?2 AND OrgId = ?1");
        _enrichedOf = prepare($"SELECT Id, Body FROM EnrichedBodies WHERE Id >= ?2 * {EnrichedBody.Combinations} AND Id < (?2 + 1) * {EnrichedBody.Combinations} AND OrgId = ?1 AND Body IS NOT NULL");
        _maskEvent = prepare("UPDATE EventMessages SET Body = ?3, MaskedAt = ?4 WHERE Id = ?2 AND OrgId = ?1");
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

    /// <summary>
    /// Masks an event's payload and all that were made of it, together: what is stored of an enriched one counts from places in the event's own, so it is stored whole from now on.
    /// </summary>
    /// <param name="mask">Gives the masked payload; null where there is nothing to mask.</param>
    /// <param name="now">UTC ticks.</param>
    /// <returns>How many payloads were masked.</returns>
    public int Mask(int orgId, long eventId, Func<byte[], byte[]?> mask, long now)
    {
        if (_bodyOf.Read(r => r.Blob(0), orgId, eventId) is not [var body]) return 0;
        var own = mask(body);
        var enriched = _enrichedOf.Read(r => (Id: r.Long(0), Body: PayloadAdditions.Apply(body, r.Blob(1))), orgId, eventId).ConvertAll(e => (e.Id, e.Body, Masked: mask(e.Body)));
        if (own is null && enriched.TrueForAll(e => e.Masked is null)) return 0;
        _maskEvent.Execute(orgId, eventId, own ?? body, now);
        foreach (var e in enriched) _maskEnriched.Execute(orgId, e.Id, e.Masked ?? e.Body);
        return (own is null ? 0 : 1) + enriched.Count(e => e.Masked is not null);
    }

    /// <summary>Puts other bytes in the place of what a receiver answered.</summary>
    public void MaskAnswer(int orgId, long attemptId, byte[] answer) => _maskAnswer.Execute(orgId, attemptId, answer);
}
