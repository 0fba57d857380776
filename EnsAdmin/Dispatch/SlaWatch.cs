using EnsAdmin.Data;
using EnsAdmin.Shared;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Dispatch;

/// <summary>
/// Marks deliveries that are past their webhook's SLA while they are still open; one that ends late is marked when its result is recorded. Looks them up on a
/// connection of its own, by an index of those alone that are open and tracked: the writer only hears of breaches.
/// </summary>
public sealed class SlaWatch(IDbContextFactory<EnsDbContext> contexts, GroupCommitWriter writer, ChangeFeed changes, TimeProvider time)
{
    private const int Piece = 500;

    public async Task MarkAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        while (await MarkPieceAsync(db, cancel) == Piece) { }
    }

    /// <returns>How many were late.</returns>
    private async Task<int> MarkPieceAsync(EnsDbContext db, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var late = await db.Deliveries.AsNoTracking().Where(d => d.EndedAt == null && d.SlaBreachedAt == null && d.SlaDueAt < now).OrderBy(d => d.SlaDueAt).Take(Piece)
            .Select(d => new { d.Id, d.WebhookId, d.OrgId, d.AcceptedAt, d.SlaDueAt }).ToListAsync(cancel);
        if (late.Count == 0) return 0;
        await writer.RunAsync(sql =>
        {
            foreach (var d in late) sql.Breach(d.Id, d.WebhookId, d.OrgId, d.AcceptedAt.UtcTicks, d.SlaDueAt!.Value.UtcTicks);
            return true;
        });
        foreach (var webhookId in late.Select(d => d.WebhookId).Distinct()) changes.Publish(Topics.Deliveries(webhookId));
        return late.Count;
    }
}
