using EnsAdmin.Data;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Ingestion;

/// <summary>Whether the disk of the data directory has room for more events. Deliveries go on without it: their rows free the queue.</summary>
public sealed class DiskSpace(DataDirectory directory, IOptions<IngestionOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(1);

    private readonly long _needed = options.Value.MinFreeDiskMegabytes * 1024L * 1024;
    private readonly Lock _asking = new();
    private long? _askedAt;
    private bool _isLow;

    /// <summary>As of at most a second ago.</summary>
    public bool IsLow
    {
        get
        {
            lock (_asking)
            {
                if (_askedAt is { } at && time.GetElapsedTime(at) < Kept) return _isLow;
                _askedAt = time.GetTimestamp();
                return _isLow = new DriveInfo(directory.Path).AvailableFreeSpace < _needed;
            }
        }
    }
}
