using EnsAdmin.Data;

namespace EnsAdmin.Dispatch;

/// <summary>A webhook's turn to claim at most <paramref name="Limit"/> deliveries; so many calls are reserved for it.</summary>
public sealed record Turn(string WebhookId, int Limit, long DueAt);

/// <summary>
/// Knows for each webhook when its next delivery is due and how many calls are in flight, so that the dispatcher asks the database only for what
/// it can send at once. Never later than the truth: a date too early costs an empty claim, one too late would leave a delivery lying.
/// </summary>
public sealed class DueBoard(TimeProvider time)
{
    private sealed class Lane
    {
        public long NextDue = long.MaxValue;
        public int InFlight;
    }

    // No timer reaches further; a longer pause is simply cut in pieces.
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Lane> _lanes = [];
    private TaskCompletionSource _signal = NewSignal();
    private readonly TaskCompletionSource _idle = NewSignal();
    private bool _closing;
    private int _calls;
    private int _records;
    private int _rotation;
    private long _wakeAt = long.MaxValue;

    /// <summary>Calls in flight over all webhooks.</summary>
    public int CallsInFlight { get { lock (_lock) return _calls; } }

    /// <summary>Says that the webhook has a delivery that is due at that moment (UTC ticks).</summary>
    public void Add(string webhookId, long dueAt)
    {
        lock (_lock)
        {
            var lane = LaneOf(webhookId);
            lane.NextDue = Math.Min(lane.NextDue, dueAt);
            _signal.TrySetResult();
        }
    }

    /// <summary>Wakes the dispatcher to look again.</summary>
    public void Signal()
    {
        lock (_lock) _signal.TrySetResult();
    }

    /// <summary>The webhooks that may claim now, each with its share of the free calls.</summary>
    public List<Turn> TakeTurns(DateTimeOffset now, WebhookSet webhooks, int maxCalls)
    {
        lock (_lock)
        {
            _signal = NewSignal();
            _wakeAt = long.MaxValue;
            var ready = new List<(string Id, Lane Lane, int Free)>();
            foreach (var (id, lane) in _lanes)
            {
                if (lane.NextDue == long.MaxValue || webhooks.Find(id) is not { Active: true } webhook) continue;
                var free = webhook.MaxConnections - lane.InFlight;
                if (free <= 0) continue;
                if (lane.NextDue <= now.UtcTicks) ready.Add((id, lane, free));
                else _wakeAt = Math.Min(_wakeAt, lane.NextDue);
            }

            var turns = new List<Turn>();
            var start = ready.Count == 0 ? 0 : _rotation++ % ready.Count;
            for (var i = 0; i < ready.Count && _calls < maxCalls; i++)
            {
                var (id, lane, free) = ready[(start + i) % ready.Count];
                var share = Math.Max(1, (maxCalls - _calls) / (ready.Count - i));
                var turn = new Turn(id, Math.Min(free, share), lane.NextDue);
                lane.NextDue = long.MaxValue;
                Reserve(lane, turn.Limit);
                turns.Add(turn);
            }

            return turns;
        }
    }

    /// <summary>Ends a turn: gives back the calls that found no delivery and notes when the next is due.</summary>
    public void Return(Turn turn, int claimed, long? nextDue)
    {
        lock (_lock)
        {
            var lane = LaneOf(turn.WebhookId);
            Reserve(lane, claimed - turn.Limit);
            lane.NextDue = Math.Min(lane.NextDue, nextDue ?? long.MaxValue);
        }
    }

    /// <summary>A call has ended, its result is still to be recorded.</summary>
    public void CallEnded(string webhookId)
    {
        lock (_lock)
        {
            _records++;
            Reserve(LaneOf(webhookId), -1);
            _signal.TrySetResult();
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
    public async Task WaitAsync(CancellationToken cancel)
    {
        Task signal;
        long wakeAt;
        lock (_lock) (signal, wakeAt) = (_signal.Task, _wakeAt);
        var pause = TimeSpan.FromTicks(Math.Clamp(wakeAt - time.GetUtcNow().UtcTicks, 0, LongestPause.Ticks));
        var wait = signal.WaitAsync(pause, time, cancel);
        // The clock may have been set forward before the timer was.
        if (time.GetUtcNow().UtcTicks >= wakeAt) Signal();
        await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancel.ThrowIfCancellationRequested();
    }

    /// <summary>For the end, when no more turns are taken: returns when no call is in flight and every result is recorded, or at the token.</summary>
    public async Task WaitUntilIdleAsync(CancellationToken cancel)
    {
        lock (_lock)
        {
            _closing = true;
            TellIdle();
        }

        await _idle.Task.WaitAsync(cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Reserve(Lane lane, int calls)
    {
        lane.InFlight += calls;
        _calls += calls;
        TellIdle();
    }

    private void TellIdle()
    {
        if (_closing && _calls == 0 && _records == 0) _idle.TrySetResult();
    }

    private Lane LaneOf(string webhookId)
    {
        if (_lanes.TryGetValue(webhookId, out var lane)) return lane;
        return _lanes[webhookId] = new Lane();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
