namespace EnsAdmin.Dispatch;

/// <summary>
/// The calls in flight over all webhooks. When few are left, the webhook with the fewest goes first, and one is kept free for each that has none, up to a
/// quarter of all: slow receivers can't take everything.
/// </summary>
internal sealed class CallSlots(int max)
{
    private int _busy;

    public int InFlight { get; private set; }

    public int Free => max - InFlight;

    /// <summary>Whether it matters who goes first.</summary>
    public bool IsTight => Free <= max / 4;

    /// <param name="active">How many webhooks are active.</param>
    public bool IsOpenTo(Lane lane, int active) => Free > (lane.InFlight == 0 ? 0 : Math.Clamp(active - _busy, 0, max / 4));

    public void Take(Lane lane)
    {
        if (lane.InFlight++ == 0) _busy++;
        InFlight++;
    }

    public void GiveBack(Lane lane)
    {
        if (--lane.InFlight == 0) _busy--;
        InFlight--;
    }
}
