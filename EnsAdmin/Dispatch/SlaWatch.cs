using EnsAdmin.Data;
using EnsAdmin.Shared;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Dispatch;

/// <summary>
/// Marks deliveries that are past their webhook's SLA while they are still open; one that is delivered late is marked when its result is recorded. Walks each
/// webhook's deliveries in the order of their acceptance and looks at each once, on a connection of its own: the writer only hears of breaches.
/// </summary>
public sealed class SlaWatch(EnsContexts contexts, GroupCommitWriter writer, ChangeFeed changes, TimeProvider time)
{
    private const int Piece = 500;

    private readonly Dictionary<string, long> _seenTo = [];
    private bool _started;

    public async Task MarkAsync(CancellationToken cancel)
    {
        await using var db = contexts.OfInstallation();
        if (!_started)
        {
            // Whatever is still open from before the start comes first; the rest has ended and is marked.
            foreach (var first in await db.Deliveries.Where(d => EnsDbContext.Waiting.Contains(d.Status)).GroupBy(d => d.WebhookId).Select(g => new { g.Key, Id = g.Min(d => d.Id) }).ToListAsync(cancel))
                _seenTo[first.Key] = first.Id - 1;
            var newest = await db.Deliveries.MaxAsync(d => (long?)d.Id, cancel) ?? 0;
            foreach (var webhook in writer.Webhooks.All) _seenTo.TryAdd(webhook.Id, newest);
            _started = true;
        }

        foreach (var webhook in writer.Webhooks.All) while (await MarkAsync(db, webhook.Id, cancel)) { }
    }

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> MarkAsync(EnsDbContext db, string webhookId, CancellationToken cancel)
    {
        var (now, from, looked) = (time.GetUtcNow(), _seenTo.GetValueOrDefault(webhookId), 0);
        var seenTo = from;
        var late = new List<(long Id, int OrgId, long AcceptedAt, long SlaDueAt)>();
        var next = db.Deliveries.AsNoTracking().Where(d => d.WebhookId == webhookId && d.Id > from).OrderBy(d => d.Id).Take(Piece)
            .Select(d => new { d.Id, d.OrgId, d.AcceptedAt, d.EndedAt, d.SlaDueAt, d.SlaBreachedAt });
        await foreach (var d in next.AsAsyncEnumerable().WithCancellation(cancel))
        {
            if (d.SlaDueAt > now) break;
            looked++;
            seenTo = d.Id;
            if (d is { EndedAt: null, SlaDueAt: { } due, SlaBreachedAt: null }) late.Add((d.Id, d.OrgId, d.AcceptedAt.UtcTicks, due.UtcTicks));
        }

        if (late.Count > 0)
        {
            await writer.RunAsync(sql =>
            {
                foreach (var d in late) sql.Breach(d.Id, webhookId, d.OrgId, d.AcceptedAt, d.SlaDueAt);
                return true;
            });
            changes.Publish(Topics.Deliveries(webhookId));
        }

        _seenTo[webhookId] = seenTo;
        return looked == Piece;
    }
}
