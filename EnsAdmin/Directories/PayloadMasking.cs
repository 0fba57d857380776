using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Enrichment;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Directories;

/// <summary>Goes through all that is stored of an organization's payloads, a piece at a time beside the live traffic, and masks one customer's identifiers.</summary>
public sealed class PayloadMasking(EnsContexts contexts, WaitingPayloads waiting, GroupCommitWriter writer, TimeProvider time)
{
    private const int AtOnce = 500;
    private const int MaskedAtOnce = 50; // On the writer's thread, which all wait for.

    /// <summary>Deliveries that still wait send the masked payload.</summary>
    /// <param name="told">Told how many payloads were looked at.</param>
    /// <returns>How many were masked.</returns>
    public async Task<int> MaskAsync(int orgId, DirectoryRecord customer, Action<long>? told, CancellationToken cancel)
    {
        var mask = new PayloadMask(customer);
        var (looked, masked) = (0L, 0);
        for (var after = 0L; ;)
        {
            var piece = await EventsAsync(orgId, after, cancel);
            var found = piece.Where(e => e.Payloads.Exists(p => mask.Apply(p) is not null)).Select(e => e.Id).ToList();
            // Read again by the writer: somebody else may be forgotten at the same time.
            foreach (var some in found.Chunk(MaskedAtOnce)) masked += await writer.RunAsync(sql => some.Sum(id => sql.Imports.Mask(orgId, id, body => mask.Apply(body), time.GetUtcNow().UtcTicks)));
            told?.Invoke(looked += piece.Sum(e => e.Payloads.Count));
            if (piece.Count < AtOnce) break; // What comes in from now on is not waited for.
            after = piece[^1].Id;
        }

        for (var after = 0L; ;)
        {
            var piece = await AnswersAsync(orgId, after, cancel);
            var found = piece.Where(a => mask.IsIn(a.Body)).Select(a => a.Id).ToList();
            if (found.Count > 0)
            {
                await writer.RunAsync(sql =>
                {
                    foreach (var id in found) sql.Imports.MaskAnswer(orgId, id, "***"u8.ToArray());
                    return true;
                });
            }

            masked += found.Count;
            told?.Invoke(looked += piece.Count);
            if (piece.Count < AtOnce) break;
            after = piece[^1].Id;
        }

        return masked;
    }

    /// <summary>Events with their payload and all that were made of it, also those that had yet to be.</summary>
    private async Task<List<(long Id, List<byte[]> Payloads)>> EventsAsync(int orgId, long after, CancellationToken cancel)
    {
        await using var db = contexts.Of(orgId);
        var events = await db.EventMessages.Where(e => e.Id > after).OrderBy(e => e.Id).Select(e => new { e.Id, e.Body }).Take(AtOnce).ToListAsync(cancel);
        if (events.Count == 0) return [];
        await waiting.MakeAsync(orgId, events[0].Id, events[^1].Id, cancel);
        var (first, end) = (events[0].Id * EnrichedBody.Combinations, (events[^1].Id + 1) * EnrichedBody.Combinations);
        var enriched = (await db.EnrichedBodies.Where(b => b.Id >= first && b.Id < end && b.Body != null).Select(b => new { b.Id, b.Body }).ToListAsync(cancel)).ToLookup(b => b.Id / EnrichedBody.Combinations, b => b.Body);
        return events.ConvertAll(e => (e.Id, (List<byte[]>)[e.Body, .. enriched[e.Id].Select(stored => PayloadAdditions.Apply(e.Body, stored))]));
    }

    private async Task<List<(long Id, byte[] Body)>> AnswersAsync(int orgId, long after, CancellationToken cancel)
    {
        await using var db = contexts.Of(orgId);
        var answers = await db.Attempts.Where(a => a.Id > after && a.ResponseStart != null).OrderBy(a => a.Id).Select(a => new { a.Id, a.ResponseStart }).Take(AtOnce).ToListAsync(cancel);
        return answers.ConvertAll(a => (a.Id, a.ResponseStart!));
    }
}
