using EnsAdmin.Data;
using EnsAdmin.Domain;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Dispatch;

/// <summary>
/// Knows for each webhook when its next delivery is due, what is claimed and how many calls are in flight, and decides who claims and who calls next. No
/// webhook has more calls in flight than its own limit and its health allow, and all together no more than the installation's limit. A date too early
/// costs an empty claim; one too late would leave a delivery lying, so none is.
/// </summary>
public sealed class DueBoard(TimeProvider time, IOptions<DeliveryOptions> options)
{
    private readonly Lock _lock = new();
    private readonly CallQueue _calls = new(options.Value.MaxCallsInFlight);
    private readonly Dictionary<string, Lane> _lanes = [];
    private readonly HashSet<Lane> _toLookAt = [];
    private readonly Alarm _alarm = new(time);
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebhookSet _webhooks = WebhookSet.Empty;
    private bool _closing;
    private int _records;

    /// <summary>Calls in flight over all webhooks.</summary>
    public int CallsInFlight { get { lock (_lock) return _calls.InFlight; } }

    /// <summary>Whether the webhook is only probed, one call at a time: what is due waits until it answers.</summary>
    public bool IsFailing(string webhookId) { lock (_lock) return _lanes.TryGetValue(webhookId, out var lane) && lane.Health.Failing; }

    /// <summary>Takes up what the database says of a webhook at the start.</summary>
    public void Load(string webhookId, long? dueAt, DateTimeOffset? failingSince, DateTimeOffset? lastAttemptAt, DateTimeOffset? askedUntil)
    {
        lock (_lock)
        {
            var lane = LaneOf(webhookId);
            if (failingSince is { } since && lastAttemptAt is { } last) lane.Health.Resume(since, last, askedUntil);
            if (dueAt is { } due) Due(lane, due);
        }
    }

    /// <summary>Says that the webhook has a delivery that is due at that moment (UTC ticks).</summary>
    public void Add(string webhookId, long dueAt)
    {
        lock (_lock) Due(LaneOf(webhookId), dueAt);
    }

    /// <summary>The same for a delivery that somebody asked for: a failing webhook is probed with it at once.</summary>
    public void AddNow(string webhookId, DateTimeOffset now)
    {
        lock (_lock)
        {
            var lane = LaneOf(webhookId);
            lane.Health.ProbeNow(now);
            lane.NextDue = Math.Min(lane.NextDue, now.UtcTicks);
            _toLookAt.Add(lane);
            _alarm.Ring();
        }
    }

    /// <summary>A claimed test delivery: it is started as soon as the webhook has a call free.</summary>
    public void AddTest(ClaimedDelivery test) { lock (_lock) _calls.AddTest(LaneOf(test.WebhookId), test); }

    /// <returns>False when the test's call has been started.</returns>
    public bool Withdraw(ClaimedDelivery test) { lock (_lock) return LaneOf(test.WebhookId).Withdraw(test); }

    /// <summary>
    /// Promises a call to a delivery that its event's transaction is about to claim: where its webhook has a call free and nothing else waiting, a claim of
    /// its own would be a second commit for nothing. Each promise is kept (<see cref="Keep"/>) or taken back.
    /// </summary>
    internal bool TryPromise(WebhookSnapshot webhook)
    {
        lock (_lock) return !_closing && _calls.TryPromise(LaneOf(webhook.Id), webhook, _webhooks.ActiveCount);
    }

    internal void TakeBack(IEnumerable<string> webhookIds) { lock (_lock) foreach (var webhookId in webhookIds) _calls.TakeBack(LaneOf(webhookId)); }

    /// <summary>What was promised a call is claimed, on disk. (Where the board is closed it stays claimed, and the next start makes it wait again.)</summary>
    internal void Keep(IEnumerable<ClaimedDelivery> claimed)
    {
        lock (_lock) foreach (var delivery in claimed) _calls.Keep(LaneOf(delivery.WebhookId), delivery);
    }

    /// <summary>Wakes the dispatcher to look at every webhook again: limits, activity or existence may have changed.</summary>
    public void LookAtAll()
    {
        lock (_lock)
        {
            _toLookAt.UnionWith(_lanes.Values);
            _alarm.Ring();
        }
    }

    /// <summary>The clock was set to that moment, by so much: what is due is asked for anew.</summary>
    public void ClockSet(DateTimeOffset now, TimeSpan step)
    {
        lock (_lock) foreach (var lane in _lanes.Values) lane.ClockSet(now, step);
        LookAtAll();
    }

    /// <summary>What there is to do now. Each turn ends with <see cref="EndTurn"/>.</summary>
    public DueWork Take(DateTimeOffset now, WebhookSet webhooks)
    {
        lock (_lock)
        {
            _alarm.Reset();
            if (!ReferenceEquals(_webhooks, webhooks))
            {
                _webhooks = webhooks;
                _toLookAt.UnionWith(_lanes.Values);
            }

            while (_alarm.TakeOver(now.UtcTicks) is { } lane) _toLookAt.Add(lane);
            var work = new DueWork([], [], []);
            var left = _toLookAt.Count;
            foreach (var lane in _toLookAt) Look(lane, now, left--, work);
            _toLookAt.Clear();
            return work;
        }
    }

    /// <summary>Ends a turn: what was claimed waits to be started, and the next due date is known.</summary>
    public void EndTurn(Turn turn, IReadOnlyCollection<ClaimedDelivery> claimed, long? nextDue)
    {
        lock (_lock)
        {
            var lane = LaneOf(turn.WebhookId);
            lane.Claiming = false;
            _calls.Add(lane, claimed);
            if (nextDue < lane.NextDue) lane.NextDue = nextDue.Value;
            if (lane.NextDue != long.MaxValue) _toLookAt.Add(lane);
        }
    }

    /// <summary>Ends a turn that could not claim anything, though others could: it comes again, with growing pauses.</summary>
    public void TurnFailed(Turn turn, DateTimeOffset now)
    {
        lock (_lock) LaneOf(turn.WebhookId).Health.Ended(CallVerdict.Failure, probe: true, now, null, 1);
        EndTurn(turn, [], (now + WebhookHealth.LongestPause).UtcTicks);
    }

    /// <summary>The next delivery to call for, whose call is counted from now on; false when none may start.</summary>
    public bool TryStart(out StartedCall started)
    {
        lock (_lock)
        {
            var next = _closing ? null : _calls.TakeNext(_webhooks, Stuck);
            started = next is { } n ? new StartedCall(n.Delivery, n.Lane.Health.Failing) : default;
            return next is not null;
        }
    }

    /// <summary>A call has ended, its result is still to be recorded.</summary>
    /// <returns>When the webhook has come back, what waits for it may be due at once.</returns>
    public HealthChange CallEnded(StartedCall call, CallVerdict verdict, DateTimeOffset? retryAt)
    {
        lock (_lock)
        {
            var lane = LaneOf(call.Delivery.WebhookId);
            _records++;
            var change = lane.Health.Ended(verdict, call.IsProbe, time.GetUtcNow(), retryAt, _webhooks.Find(lane.WebhookId)?.MaxConnections ?? 1);
            _calls.Ended(lane);
            if (lane.NextDue != long.MaxValue || lane.Ready.Count > 0)
            {
                _toLookAt.Add(lane);
                _alarm.Ring();
            }

            return change;
        }
    }

    public void RecordEnded()
    {
        lock (_lock)
        {
            _records--;
            TellIdle();
        }
    }

    /// <summary>Returns when something may have become due or free.</summary>
    public Task WaitAsync(CancellationToken cancel)
    {
        (Task, long) next;
        lock (_lock) next = _alarm.Next;
        return _alarm.WaitAsync(next, cancel);
    }

    /// <summary>For the end, when no more turns are taken: starts no more calls and hands out what was claimed for them.</summary>
    public List<ClaimedDelivery> Close()
    {
        lock (_lock)
        {
            _closing = true;
            var released = new List<ClaimedDelivery>();
            foreach (var lane in _lanes.Values) _calls.Release(lane, released);
            TellIdle();
            return released;
        }
    }

    /// <summary>After <see cref="Close"/>: returns when no call is in flight and every result is recorded, or at the token.</summary>
    public async Task WaitUntilIdleAsync(CancellationToken cancel) => await _idle.Task.WaitAsync(cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void Look(Lane lane, DateTimeOffset now, int left, DueWork work)
    {
        var webhook = _webhooks.Find(lane.WebhookId);
        if (webhook is not { Active: true } || (lane.Health.Failing && lane.InFlight + lane.Ready.Count > 1)) _calls.Release(lane, work.Released);
        else _calls.MayStart(lane);
        if (lane.Claiming) return;
        if (webhook is null)
        {
            // Once in any case: what waits past its window is never due.
            if (lane.NextDue != long.MaxValue || !lane.IsOrphan) work.Orphans.Add(lane.WebhookId);
            (lane.NextDue, lane.IsOrphan) = (long.MaxValue, true);
            return;
        }

        if (lane.NextDue == long.MaxValue || !webhook.Active) return;
        if (lane.ClaimAt > now.UtcTicks) _alarm.Set(lane, lane.ClaimAt);
        // Without room it is looked at again when a call ends.
        else if (lane.BeginTurn(webhook, now, Math.Max(1, _calls.Room / left)) is { } turn) work.Turns.Add(turn);
    }

    private void Due(Lane lane, long dueAt)
    {
        if (dueAt >= lane.NextDue) return;
        lane.NextDue = dueAt;
        if (lane.Claiming) return; // Looked at when its turn ends.
        _toLookAt.Add(lane);
        _alarm.Ring();
    }

    // Its limit was lowered, it was deactivated, or it is so new that it isn't known here yet.
    private void Stuck(Lane lane)
    {
        _toLookAt.Add(lane);
        if (_webhooks.Find(lane.WebhookId) is not { Active: true }) _alarm.Ring();
    }

    private void TellIdle()
    {
        if (_closing && _calls.InFlight == 0 && _records == 0) _idle.TrySetResult();
    }

    private Lane LaneOf(string webhookId) =>
        _lanes.TryGetValue(webhookId, out var lane) ? lane : _lanes[webhookId] = new Lane(webhookId, new WebhookHealth(options.Value.MaxRetryAfter));
}
