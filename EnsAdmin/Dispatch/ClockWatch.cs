using EnsAdmin.Data;

namespace EnsAdmin.Dispatch;

/// <summary>
/// Notices that the system's clock was set: what waits keeps the time it had left, until its next attempt as well as until its window ends. So a clock that
/// jumps a day ahead expires nothing, and one that is put back an hour holds nothing up. (Across a restart the system's clock is believed.)
/// </summary>
public sealed partial class ClockWatch(GroupCommitWriter writer, DueBoard due, TimeProvider time, ILogger<ClockWatch> log)
{
    /// <summary>Less is left alone: a clock is adjusted all the time.</summary>
    private static readonly TimeSpan Noticed = TimeSpan.FromMinutes(1);

    private const int Piece = 20_000;

    private readonly Lock _lock = new();
    private DateTimeOffset _shown = time.GetUtcNow();
    private long _measured = time.GetTimestamp();
    private long _looked = time.GetTimestamp();

    /// <summary>To be called before anything is ended because its time is over.</summary>
    public async Task FollowAsync()
    {
        TimeSpan step;
        DateTimeOffset now;
        TimeSpan sinceLook;
        long moved = 0;
        lock (_lock)
        {
            now = time.GetUtcNow();
            step = now - _shown - time.GetElapsedTime(_measured);
            sinceLook = time.GetElapsedTime(_looked);
            _looked = time.GetTimestamp();
            if (step.Duration() < Noticed) step = default;
            else (_shown, _measured) = (now, time.GetTimestamp());
        }

        if (step == default) return;
        ClockWasSet(step > TimeSpan.Zero ? "forward" : "back", step.Duration());
        try
        {
            // In pieces, since others wait for the writer. What is accepted from now on carries the new time already, and so may what was accepted since the last look:
            // it stays where it is, unless the clock was put back, when it loses nothing by going first.
            var before = step > TimeSpan.Zero ? (now - sinceLook).UtcTicks : long.MaxValue;
            var newest = await writer.RunAsync(sql => sql.Care.Newest());
            for (; moved < newest; moved += Piece) await writer.RunAsync(sql => { sql.Care.Shift(step.Ticks, before, moved, Math.Min(moved + Piece, newest)); return true; });
        }
        catch
        {
            if (moved == 0) lock (_lock) _shown -= step; // Nothing was moved: it is noticed again.
            throw;
        }

        due.ClockSet(now, step);
    }

    [LoggerMessage(LogLevel.Warning, "The system's clock was set {Direction} by {Step}; what waits keeps the time it had left")]
    private partial void ClockWasSet(string direction, TimeSpan step);
}
