using EnsAdmin.Data;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Ingestion;

/// <summary>Whether the disk of the data directory has room for more events. Deliveries go on without it: their rows free the queue.</summary>
public sealed partial class DiskSpace(DataDirectory directory, IOptions<IngestionOptions> options, TimeProvider time, ILogger<DiskSpace> log)
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
                var wasLow = _isLow;
                _isLow = new DriveInfo(directory.Path).AvailableFreeSpace < _needed;
                if (_isLow && !wasLow) Low(options.Value.MinFreeDiskMegabytes);
                if (wasLow && !_isLow) Roomy(options.Value.MinFreeDiskMegabytes);
                return _isLow;
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Less than {Megabytes} MB of disk are free: events are refused until there is more")]
    private partial void Low(int megabytes);

    [LoggerMessage(LogLevel.Information, "More than {Megabytes} MB of disk are free again: events are taken")]
    private partial void Roomy(int megabytes);
}
