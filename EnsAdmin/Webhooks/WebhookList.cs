using EnsAdmin.Data;
using EnsAdmin.Domain;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Webhooks;

/// <summary>The rows of the webhooks list: searched, sorted and paged in the database, with health read from what the dispatcher keeps up.</summary>
public sealed class WebhookList(EnsContexts contexts)
{
    public async Task<WebhookRows> SearchAsync(int orgId, WebhookQuery query, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        var found = db.Webhooks.AsNoTracking().Where(w => w.DeletedAt == null);
        if (query.Search.Trim() is { Length: > 0 } search)
        {
            var pattern = $"%{search.Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_")}%";
            found = found.Where(w => EF.Functions.Like(w.Name, pattern, "\\") || EF.Functions.Like(w.Url, pattern, "\\")
                || w.Subscriptions.Any(s => EF.Functions.Like(s.EventName, pattern, "\\")));
        }

        var active = await found.CountAsync(w => w.Active, cancel);
        var all = await found.CountAsync(cancel);
        if (query.Active is { } only) found = found.Where(w => w.Active == only);

        var rows = await RowsAsync(db, Sorted(found, db, query).Skip(query.Page * query.PageSize).Take(query.PageSize), cancel);
        return new WebhookRows(rows, query.Active switch { true => active, false => all - active, null => all }, active, all - active);
    }

    /// <summary>The row of one webhook; null when there is none.</summary>
    public async Task<WebhookRow?> FindAsync(int orgId, string id, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        return (await RowsAsync(db, db.Webhooks.AsNoTracking().Where(w => w.Id == id && w.DeletedAt == null), cancel)).SingleOrDefault();
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
