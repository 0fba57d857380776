using EnsAdmin.Data;
using EnsAdmin.Domain;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Webhooks;

/// <summary>The rows of the webhooks list: searched, sorted and paged in the database, with health read from what the dispatcher keeps up.</summary>
public sealed class WebhookList(IDbContextFactory<EnsDbContext> contexts)
{
    public async Task<WebhookRows> SearchAsync(int orgId, WebhookQuery query, CancellationToken cancel = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var found = db.Webhooks.AsNoTracking().Where(w => w.OrgId == orgId && w.DeletedAt == null);
        if (query.Search.Trim() is { Length: > 0 } search)
        {
            var pattern = $"%{search.Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_")}%";
            found = found.Where(w => EF.Functions.Like(w.Name, pattern, "\\") || EF.Functions.Like(w.Url, pattern, "\\")
                || w.Subscriptions.Any(s => EF.Functions.Like(s.EventName, pattern, "\\")));
        }

        var active = await found.CountAsync(w => w.Active, cancel);
        var all = await found.CountAsync(cancel);
        var troubled = await TroubledAsync(db, found, cancel);
        if (query.Active is { } only) found = found.Where(w => w.Active == only);
        if (query.Attention) found = found.Where(w => troubled.Contains(w.Id));

        var rows = await RowsAsync(db, Sorted(found, db, query).Skip(query.Page * query.PageSize).Take(query.PageSize), cancel);
        var total = query.Attention ? troubled.Count : query.Active switch { true => active, false => all - active, null => all };
        return new WebhookRows(rows, total, active, all - active, troubled.Count);
    }

    /// <summary>The row of one webhook, also of a deleted one; null when there is none.</summary>
    public async Task<WebhookRow?> FindAsync(int orgId, string id, CancellationToken cancel = default)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return (await RowsAsync(db, db.Webhooks.AsNoTracking().Where(w => w.OrgId == orgId && w.Id == id), cancel)).SingleOrDefault();
    }

    /// <summary>The active webhooks that fail or refuse everything; the database finds those that may, <see cref="Health"/> says which do.</summary>
    private static async Task<List<string>> TroubledAsync(EnsDbContext db, IQueryable<Webhook> webhooks, CancellationToken cancel)
    {
        var pulses = await webhooks.Where(w => w.Active).Join(db.Pulses, w => w.Id, p => p.WebhookId, (_, p) => p)
            .Where(p => p.FailingSince != null || p.LastOutcome == AttemptOutcome.ClientError || p.LastOutcome == AttemptOutcome.Redirect).ToListAsync(cancel);
        return [.. pulses.Where(p => p.FailingSince is not null || Health.Refuses(p.LastOutcome, p.LastAttemptAt, p.LastSuccessAt)).Select(p => p.WebhookId)];
    }

    private static async Task<IReadOnlyList<WebhookRow>> RowsAsync(EnsDbContext db, IQueryable<Webhook> webhooks, CancellationToken cancel)
    {
        var rows = await webhooks
            .Select(w => new
            {
                w.Id, w.Name, w.Url, w.Active,
                Events = w.Subscriptions.Select(s => s.EventName).ToList(),
                Pulse = db.Pulses.SingleOrDefault(p => p.WebhookId == w.Id),
            })
            .ToListAsync(cancel);
        return
        [
            .. rows.Select(r => new WebhookRow(r.Id, r.Name, r.Url, r.Active, [.. r.Events.Order(StringComparer.Ordinal)], r.Pulse?.Waiting ?? 0,
                r.Pulse?.LastAttemptAt, r.Pulse?.LastOutcome, r.Pulse?.LastReason, r.Pulse?.LastSuccessAt, r.Pulse?.FailingSince)),
        ];
    }

    private static IOrderedQueryable<Webhook> Sorted(IQueryable<Webhook> found, EnsDbContext db, WebhookQuery query)
    {
        var sorted = (query.Sort, query.Descending) switch
        {
            (WebhookSort.Url, false) => found.OrderBy(w => w.Url),
            (WebhookSort.Url, true) => found.OrderByDescending(w => w.Url),
            (WebhookSort.Status, false) => found.OrderByDescending(w => w.Active),
            (WebhookSort.Status, true) => found.OrderBy(w => w.Active),
            (WebhookSort.Events, false) => found.OrderBy(w => w.Subscriptions.Count),
            (WebhookSort.Events, true) => found.OrderByDescending(w => w.Subscriptions.Count),
            (WebhookSort.LastDelivery, false) => found.OrderBy(w => db.Pulses.Where(p => p.WebhookId == w.Id).Max(p => (DateTimeOffset?)p.LastAttemptAt)),
            (WebhookSort.LastDelivery, true) => found.OrderByDescending(w => db.Pulses.Where(p => p.WebhookId == w.Id).Max(p => (DateTimeOffset?)p.LastAttemptAt)),
            (_, true) => found.OrderByDescending(w => w.Name),
            _ => found.OrderBy(w => w.Name),
        };
        return sorted.ThenBy(w => w.Id);
    }
}
