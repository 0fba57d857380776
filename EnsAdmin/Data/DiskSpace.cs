namespace EnsAdmin.Data;

/// <summary>Whether the disk of the data directory has room for more events and imports. Deliveries go on without it: their rows free the queue.</summary>
/// <param name="minFreeMegabytes">What has to stay free; 0 for no limit.</param>
public sealed partial class DiskSpace(DataDirectory directory, int minFreeMegabytes, TimeProvider time, ILogger<DiskSpace> log)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(1);

    private readonly Lock _asking = new();
    private long? _askedAt;
    private bool _isLow;

    /// <summary>What has to stay free, in words.</summary>
    public string Needed { get; } = FormattableString.Invariant($"{minFreeMegabytes} MB");

    /// <summary>As of at most a second ago.</summary>
    public bool IsLow
    {
        get
        {
            lock (_asking)
            {
                if (_askedAt is { } at && time.GetElapsedTime(at) < Kept) return _isLow;
                _askedAt = time.GetTimestamp();
                var wasLow = _isLow;
                _isLow = !HasRoomFor(0);
                if (_isLow && !wasLow) Low(minFreeMegabytes);
                if (wasLow && !_isLow) Roomy(minFreeMegabytes);
                return _isLow;
            }
        }
    }

    /// <summary>Whether enough stays free beside a file of this length.</summary>
    public bool HasRoomFor(long bytes) => new DriveInfo(directory.Path).AvailableFreeSpace - bytes >= minFreeMegabytes * 1024L * 1024;

    /// <summary>Waits while it is low.</summary>
    public async Task WaitAsync(CancellationToken cancel)
    {
        while (IsLow) await Task.Delay(Kept, time, cancel);
    }

    [LoggerMessage(LogLevel.Warning, "Less than {Megabytes} MB of disk are free: events and imports are refused until there is more")]
    private partial void Low(int megabytes);

    [LoggerMessage(LogLevel.Information, "More than {Megabytes} MB of disk are free again: events and imports are taken")]
    private partial void Roomy(int megabytes);
}
