using EnsAdmin.Data;

namespace EnsAdmin.Dispatch;

/// <summary>
/// What is claimed and waits for its call, and the calls in flight, over all webhooks; used under the <see cref="DueBoard"/>'s lock alone. When few calls are
/// left, the webhook with the fewest goes first, and one is kept free for each that has none, up to a quarter of all: slow receivers can't take everything.
/// </summary>
internal sealed class CallQueue(int max)
{
    private readonly HashSet<Lane> _startable = [];
    private int _busy;
    // Claimed or promised, over all webhooks; test deliveries are not counted.
    private int _ready;

    public int InFlight { get; private set; }

    /// <summary>How many more may be claimed: as many as there are calls, and again as many as are free.</summary>
    public int Room => 2 * Free + InFlight - _ready;

    private int Free => max - InFlight;

    /// <summary>Promises a call to a delivery that is being claimed in the transaction of its event; only where nothing else of its webhook waits.</summary>
    public bool TryPromise(Lane lane, WebhookSnapshot webhook, int active)
    {
        if (_ready >= Free || !IsOpenTo(lane, active) || !lane.TryPromise(webhook)) return false;
        _ready++;
        return true;
    }

    /// <summary>The transaction of a promised delivery failed.</summary>
    public void TakeBack(Lane lane)
    {
        lane.Promised--;
        _ready--;
    }

    /// <summary>The transaction of a promised delivery is committed.</summary>
    public void Keep(Lane lane, ClaimedDelivery delivery)
    {
        TakeBack(lane);
        Add(lane, [delivery]);
    }

    public void Add(Lane lane, IReadOnlyCollection<ClaimedDelivery> claimed)
    {
        foreach (var delivery in claimed) lane.Ready.Enqueue(delivery);
        _ready += claimed.Count;
        MayStart(lane);
    }

    public void AddTest(Lane lane, ClaimedDelivery test)
    {
        lane.Tests.Enqueue(test);
        MayStart(lane);
    }

    /// <summary>Something may have changed in the webhook's favour.</summary>
    public void MayStart(Lane lane)
    {
        if (lane.Ready.Count + lane.Tests.Count > 0) _startable.Add(lane);
    }

    /// <summary>Takes the next delivery whose call may start and counts its call; null when there is none.</summary>
    /// <param name="stuck">Told of each webhook that has something waiting and may not call now.</param>
    public (Lane Lane, ClaimedDelivery Delivery)? TakeNext(WebhookSet webhooks, Action<Lane> stuck)
    {
        while (_startable.Count > 0)
        {
            var lane = Free <= max / 4 ? _startable.MinBy(l => l.InFlight)! : First(_startable);
            if (!IsOpenTo(lane, webhooks.ActiveCount)) return null;
            if (lane.TakeNext(webhooks.Find(lane.WebhookId)) is { } next)
            {
                if (next.Trigger != Domain.AttemptTrigger.Test) _ready--;
                if (lane.InFlight++ == 0) _busy++;
                InFlight++;
                return (lane, next);
            }

            _startable.Remove(lane);
            stuck(lane);
        }

        return null;
    }

    public void Ended(Lane lane)
    {
        if (--lane.InFlight == 0) _busy--;
        InFlight--;
        lane.Ended++;
        MayStart(lane);
    }

    /// <summary>Hands out what the webhook has waiting for its calls.</summary>
    public void Release(Lane lane, List<ClaimedDelivery> released)
    {
        _ready -= lane.Ready.Count;
        released.AddRange(lane.Ready);
        lane.Ready.Clear();
    }

    private bool IsOpenTo(Lane lane, int active) => Free > (lane.InFlight == 0 ? 0 : Math.Clamp(active - _busy, 0, max / 4));

    private static Lane First(HashSet<Lane> lanes)
    {
        foreach (var lane in lanes) return lane;
        throw new InvalidOperationException("There is none.");
    }
}
