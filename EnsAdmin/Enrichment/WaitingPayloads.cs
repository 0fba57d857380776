using EnsAdmin.Data;
using EnsAdmin.Domain;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Enrichment;

/// <summary>Makes and stores payloads that have yet to be made, before their calls: those that wait long, since for their sake what changes in the directory is kept as it was.</summary>
public sealed class WaitingPayloads(EnsContexts contexts, EventEnrichment enrichment, GroupCommitWriter writer)
{
    private const int AtOnce = 100; // Bodies may be large.
    private const int StoredAtOnce = 50; // On the writer's thread, which all wait for.

    private long _newest;

    /// <summary>Makes all that have waited since the last time.</summary>
    public async Task MakeOldAsync(CancellationToken cancel)
    {
        await using var db = contexts.OfInstallation();
        var (old, newest) = (_newest, await db.NewestEventAsync(cancel));
        foreach (var orgId in await db.Organizations.Select(o => o.OrgId).ToListAsync(cancel)) await MakeAsync(orgId, 0, old, cancel);
        _newest = newest;
    }

    /// <summary>Makes those of an organization's events from one id to another; what can't be made is left out.</summary>
    public async Task MakeAsync(int orgId, long first, long last, CancellationToken cancel)
    {
        for (var from = first; ;)
        {
            var piece = await PieceAsync(orgId, from, last, cancel);
            var payloads = piece.DistinctBy(p => p.EnrichedId).ToList();
            foreach (var some in payloads.Zip(enrichment.TryMake(payloads)).Chunk(StoredAtOnce))
            {
                await writer.RunAsync(sql =>
                {
                    foreach (var (payload, made) in some)
                        if (made is not null) sql.StoreMade(orgId, payload.EnrichedId, made);
                    return true;
                });
            }

            if (piece.Count < AtOnce) return;
            // The last event may have more; of an event that fills a piece alone the next one.
            from = EnrichedBody.EventOf(piece[^1].EnrichedId) is var end && end > from ? end : end + 1;
        }
    }

    private async Task<List<PayloadToMake>> PieceAsync(int orgId, long from, long last, CancellationToken cancel)
    {
        await using var db = contexts.Of(orgId);
        var waiting = await db.Deliveries.Where(d => d.ToEnrich && d.EventMessageId >= from && d.EventMessageId <= last).OrderBy(d => d.EventMessageId).Take(AtOnce)
            .Join(db.EventMessages, d => d.EventMessageId, e => e.Id, (d, e) => new { e.Id, EnrichedId = d.EnrichedId!.Value, e.EventName, e.ApiRequestId, e.OccurredAt, e.Body }).OrderBy(x => x.Id).ToListAsync(cancel);
        return waiting.ConvertAll(x => new PayloadToMake(x.EnrichedId, orgId, x.EventName, x.ApiRequestId, x.OccurredAt.UtcTicks, x.Body));
    }
}
