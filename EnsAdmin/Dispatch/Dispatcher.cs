using System.Collections.Concurrent;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Enrichment;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Dispatch;

/// <summary>
/// Takes due deliveries from the database and calls their webhooks as the <see cref="DueBoard"/> allows. If the process dies after the claim, during the
/// call or before the result is recorded, the delivery is still claimed: the next start makes it wait again, and it is sent again under the same eventId.
/// </summary>
public sealed partial class Dispatcher(
    GroupCommitWriter writer, WebhookSender sender, WebhookConnections connections, EventEnrichment enrichment, Recorder recorder, DueBoard due, QueueCare care, IOptions<DeliveryOptions> options, TimeProvider time, ILogger<Dispatcher> log)
    : BackgroundService, IHostedLifecycleService
{
    private static readonly TimeSpan AfterError = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongTurn = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TestPatience = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<long, TaskCompletionSource<AttemptResult>> _tests = new();
    private readonly CancellationTokenSource _turnsEnd = new();
    private readonly CancellationTokenSource _callsEnd = new();
    private long _lastClaim = time.GetUtcNow().UtcTicks;
    private long _stillSince; // A timestamp; 0 while it turns.

    /// <summary>Whether turns come to their end: it is not stuck in one, nor failing, for longer than half a minute.</summary>
    public bool IsTurning => ExecuteTask is { IsCompleted: false } && (Interlocked.Read(ref _stillSince) is var since && (since == 0 || time.GetElapsedTime(since) < LongTurn));

    /// <summary>Takes up changed webhooks: new limits, activation, deletion.</summary>
    public async Task FollowWebhooksAsync()
    {
        await writer.RefreshWebhooksAsync();
        connections.Follow(writer.Webhooks);
        due.LookAtAll();
    }

    /// <summary>The claims of one request to publish: what its transaction may claim at once, and then starts.</summary>
    public DirectClaims OpenClaims() => new(due, enrichment, Interlocked.Increment(ref _lastClaim), StartCalls);

    /// <summary>Sends one test delivery as soon as the webhook has a call free, whatever its state; it is never replayed and counts nowhere.</summary>
    /// <param name="e">A new event; it occurs now.</param>
    /// <param name="facts">What the webhook asks for and has a place in the event.</param>
    /// <param name="made">The payload where it is made already; else it is made of what the directory knows.</param>
    /// <returns>The delivery's id and what came of it; null when all of the webhook's connections stayed in use, then it is not sent.</returns>
    /// <exception cref="OperationCanceledException">The caller waits no longer, or the program stops.</exception>
    public async Task<(long DeliveryId, AttemptResult? Result)> SendTestAsync(WebhookSnapshot webhook, NewEvent e, EnrichmentFacts facts, MadePayload? made, AuditEntry note, CancellationToken cancel)
    {
        var claimId = Interlocked.Increment(ref _lastClaim);
        var test = await writer.RunAsync(sql =>
        {
            var now = time.GetUtcNow();
            var message = e with { OccurredAt = now.UtcTicks };
            sql.Care.Note(note);
            var messageId = sql.InsertEvent(message, 1, now.UtcTicks)!.Value;
            var claim = sql.EnqueueClaimed(webhook, messageId, message, AttemptTrigger.Test, claimId, now, now, facts);
            if (made is null || claim.ToMake is not { } payload) return claim;
            sql.StoreMade(message.OrgId, payload.EnrichedId, made);
            return claim.With(made);
        });
        var done = _tests[claimId] = new TaskCompletionSource<AttemptResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        due.AddTest(test);
        StartCalls();
        await using var stopped = _callsEnd.Token.Register(() => done.TrySetCanceled());
        await ((Task)done.Task).WaitAsync(TestPatience, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (done.Task.IsCompleted || !due.Withdraw(test)) return (test.Id, await done.Task.WaitAsync(cancel));
        _tests.TryRemove(claimId, out _);
        await recorder.RecordUnsentAsync(test, "Not sent: all of the webhook's connections were in use");
        return (test.Id, null);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, _turnsEnd.Token);
        while (!end.IsCancellationRequested)
        {
            try
            {
                Interlocked.CompareExchange(ref _stillSince, time.GetTimestamp(), 0);
                var worked = await RunOnceAsync();
                Interlocked.Exchange(ref _stillSince, 0);
                if (!worked) await due.WaitAsync(end.Token);
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (e is not SqliteException) PassFailed(e); // The writer says so, once for all.
                await Task.Delay(AfterError, time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Claims what is due and starts its calls.</summary>
    /// <returns>False when there was nothing to do.</returns>
    private async Task<bool> RunOnceAsync()
    {
        var now = time.GetUtcNow();
        var work = due.Take(now, writer.Webhooks);
        StartCalls();
        if (work.IsNone) return false;
        foreach (var webhookId in work.Orphans) _ = care.CancelAsync(webhookId);
        if (work.Released.Count > 0) _ = care.ReleaseAsync(work.Released);
        if (work.Turns.Count == 0) return true;

        await ClaimAsync(work.Turns, now);
        StartCalls();
        return true;
    }

    private async Task ClaimAsync(List<Turn> turns, DateTimeOffset now)
    {
        var claimId = Interlocked.Increment(ref _lastClaim);
        try
        {
            // Inside the transaction the webhooks are as new as can be: one deactivated a moment ago claims nothing more.
            var claims = await writer.RunAsync(sql => turns.ConvertAll(turn =>
                (Claimed: writer.Webhooks.Find(turn.WebhookId) is { Active: true } ? sql.Claim(turn.WebhookId, turn.Limit, claimId, now.UtcTicks, turn.Ahead, turn.Newest) : [],
                    NextDue: sql.NextDue(turn.WebhookId, now.UtcTicks))));
            foreach (var (i, claim) in claims.Index()) due.EndTurn(turns[i], enrichment.Complete(claim.Claimed), claim.NextDue);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == SqliteCodes.Corrupt)
        {
            // Whoever needs the damaged part must not hold up the others.
            if (turns.Count == 1) due.TurnFailed(turns[0], now);
            else foreach (var turn in turns) await ClaimAsync([turn], now);
        }
        catch
        {
            foreach (var turn in turns) due.EndTurn(turn, [], turn.DueAt); // What was due is due still.
            throw;
        }
    }

    private void StartCalls()
    {
        while (due.TryStart(out var call)) _ = DeliverAsync(call);
    }

    private async Task DeliverAsync(StartedCall call)
    {
        var claim = call.Delivery;
        var webhook = writer.Webhooks.Find(claim.WebhookId);
        AttemptResult? result = null;
        var verdict = CallVerdict.None;
        try
        {
            if (webhook is not null)
            {
                if (claim.ToMake is { } payload) claim = claim.With(enrichment.Make([payload])[0]); // A test, or one that could not be made when it was claimed.
                using var span = DispatchMetrics.Start(claim, webhook);
                result = await sender.SendAsync(webhook, claim.Body, claim.Trigger, span?.Id ?? claim.TraceParent, _callsEnd.Token);
                DispatchMetrics.End(span, result);
                if (claim.Trigger != AttemptTrigger.Test)
                    verdict = result.Outcome == AttemptOutcome.Success ? CallVerdict.Success : result.Answer.IsReplayed(webhook.ReplayThrottled) ? CallVerdict.Failure : CallVerdict.Refusal;
            }
        }
        catch (OperationCanceledException)
        {
            due.CallEnded(call, CallVerdict.None, null); // Stays claimed: the next start sends it again.
            due.RecordEnded();
            return;
        }
        catch (Exception e)
        {
            SenderFailed(e, claim.Id);
            result = new AttemptResult(claim.Trigger, AttemptOutcome.NoResponse, null, "Not sent: EnsAdmin could not prepare the call; see its log", time.GetUtcNow(), TimeSpan.Zero, "", null, null);
        }

        var (change, endedAt) = (due.CallEnded(call, verdict, result?.RetryAt), time.GetUtcNow().UtcTicks);
        if (change == HealthChange.Failing) BeganFailing(webhook!.Name, claim.WebhookId, claim.OrgId);
        StartCalls();
        if (result is null) await recorder.RecordUnsentAsync(claim, "The webhook was deleted");
        else await recorder.RecordAsync(claim, webhook!, result, change == HealthChange.Back);
        due.RecordEnded();
        // After it is recorded that it has come back: the next start does the same where this one does not live to.
        if (change == HealthChange.Back) _ = care.HastenAsync(claim.WebhookId, endedAt);
        if (claim.Trigger != AttemptTrigger.Test || !_tests.TryRemove(claim.ClaimId, out var test)) return;
        if (result is null) test.TrySetCanceled(); // The webhook was deleted meanwhile.
        else test.TrySetResult(result);
    }

    /// <summary>
    /// No new calls; those in flight get <see cref="DeliveryOptions.ShutdownGrace"/>, their results are recorded. Before anything else stops, so that
    /// producers are told meanwhile, and not cut off.
    /// </summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _turnsEnd.CancelAsync();
        if (ExecuteTask is { } turns) await turns.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var grace = new CancellationTokenSource(options.Value.ShutdownGrace, time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(grace.Token, cancellationToken);
        // What cannot be given back in time stays claimed: the next start makes it wait again.
        await care.ReleaseAsync(due.Close()).WaitAsync(bound.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await due.WaitUntilIdleAsync(bound.Token);
        if (due.CallsInFlight is > 0 and var left) CutOff(left, options.Value.ShutdownGrace);
        await _callsEnd.CancelAsync();
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Warning, "Webhook '{WebhookName}' {Webhook} of organization {OrgId} has had nothing but failures for a minute: one call at a time probes it until it answers, and what is due waits")]
    private partial void BeganFailing(string webhookName, string webhook, int orgId);

    [LoggerMessage(LogLevel.Error, "Claiming failed; trying again soon")]
    private partial void PassFailed(Exception e);

    [LoggerMessage(LogLevel.Warning, "{Count} calls had no answer within {ShutdownGrace} of the stop and are cut off; the next start sends them again")]
    private partial void CutOff(int count, TimeSpan shutdownGrace);

    [LoggerMessage(LogLevel.Error, "Delivery {Delivery} could not be sent")]
    private partial void SenderFailed(Exception e, long delivery);
}
