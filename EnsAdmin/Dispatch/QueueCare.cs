using EnsAdmin.Data;
using EnsAdmin.Shared;
using Microsoft.Data.Sqlite;

namespace EnsAdmin.Dispatch;

/// <summary>Changes many waiting deliveries at once, in pieces between which everybody else's work goes on.</summary>
public sealed partial class QueueCare(GroupCommitWriter writer, DueBoard due, ChangeFeed changes, TimeProvider time, ILogger<QueueCare> log)
{
    private const int Piece = 500;
    private static readonly TimeSpan AfterError = TimeSpan.FromSeconds(1);

    /// <summary>Gives back what was claimed and not sent.</summary>
    public async Task ReleaseAsync(IReadOnlyCollection<ClaimedDelivery> claims)
    {
        if (claims.Count == 0) return;
        await UntilDoneAsync(sql =>
        {
            foreach (var claim in claims) sql.Care.Release(claim);
            return 0;
        });
        var now = time.GetUtcNow().UtcTicks;
        foreach (var webhookId in claims.Select(c => c.WebhookId).Distinct()) due.Add(webhookId, now);
    }

    /// <summary>The webhook has come back: all that waits for it is due now, however long its pause had grown.</summary>
    /// <param name="since">When it came back (UTC ticks): what was tried since keeps its pause.</param>
    public async Task HastenAsync(string webhookId, long since)
    {
        var hastened = await MakeDueAsync(webhookId, since);
        CameBack(webhookId, hastened);
        await UntilDoneAsync(sql =>
        {
            sql.Care.Hastened(webhookId);
            return 0;
        });
    }

    /// <summary>The webhook is called another way from now on, or is active again: what failed may succeed, so that all that waits for it is due now. A failing one is probed at once.</summary>
    public async Task HastenChangedAsync(string webhookId)
    {
        var now = time.GetUtcNow();
        due.AddNow(webhookId, now);
        var hastened = await MakeDueAsync(webhookId, now.UtcTicks);
        if (hastened > 0) Hastened(webhookId, hastened);
    }

    /// <summary>The webhook was deleted: what waits for it is cancelled.</summary>
    public async Task CancelAsync(string webhookId)
    {
        var cancelled = await InPiecesAsync(webhookId, sql => sql.Care.Cancel(webhookId, time.GetUtcNow().UtcTicks, Piece));
        if (cancelled > 0) Cancelled(cancelled, webhookId);
    }

    /// <summary>Ends what waits for the webhook and whose window is over.</summary>
    public async Task ExpireAsync(WebhookSnapshot webhook)
    {
        var now = time.GetUtcNow().UtcTicks;
        var expired = await InPiecesAsync(webhook.Id, sql => sql.Care.Expire(webhook.Id, now, Piece));
        if (expired > 0) Expired(expired, webhook.OrgId, webhook.Name, webhook.Id);
    }

    private Task<int> MakeDueAsync(string webhookId, long since)
    {
        var now = time.GetUtcNow().UtcTicks;
        return InPiecesAsync(webhookId, sql => sql.Care.Hasten(webhookId, since, now, Piece), () => due.Add(webhookId, now));
    }

    private async Task<int> InPiecesAsync(string webhookId, Func<SqliteHotPath, int> change, Action? changed = null)
    {
        var all = 0;
        for (int piece; (piece = await UntilDoneAsync(change)) > 0; all += piece)
        {
            changed?.Invoke();
            changes.Publish(Topics.Deliveries(webhookId));
        }

        return all;
    }

    /// <summary>Keeps trying while the database can't be written: nobody else would come back to it before the next start.</summary>
    /// <returns>0 when the program stops; the next start goes on with what is left.</returns>
    private async Task<int> UntilDoneAsync(Func<SqliteHotPath, int> change)
    {
        while (true)
        {
            try
            {
                return await writer.RunAsync(change);
            }
            catch (WriterStoppedException)
            {
                return 0;
            }
            catch (Exception e)
            {
                if (e is not SqliteException) ChangeFailed(e); // The writer says so, once for all.
                await Task.Delay(AfterError, time);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Webhook {Webhook} answers again: all that waits for it is due now, {Count} of it sooner than it was")]
    private partial void CameBack(string webhook, int count);

    [LoggerMessage(LogLevel.Information, "Webhook {Webhook} was changed: all that waits for it is due now, {Count} of it sooner than it was")]
    private partial void Hastened(string webhook, int count);

    [LoggerMessage(LogLevel.Information, "{Count} deliveries to the deleted webhook {Webhook} are cancelled")]
    private partial void Cancelled(int count, string webhook);

    [LoggerMessage(LogLevel.Warning, "{Count} deliveries of organization {OrgId} to webhook '{WebhookName}' {Webhook} expired: their replay window is over")]
    private partial void Expired(int count, int orgId, string webhookName, string webhook);

    [LoggerMessage(LogLevel.Error, "Waiting deliveries could not be changed; trying again")]
    private partial void ChangeFailed(Exception e);
}
