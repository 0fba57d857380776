using Microsoft.Extensions.Options;

namespace EnsAdmin.Ingestion;

/// <summary>Bounds the memory of requests that are being read or wait for their commit.</summary>
public sealed class IngestBuffer(IOptions<IngestionOptions> options)
{
    private readonly long _size = options.Value.MaxBufferedMegabytes * 1024L * 1024;
    private long _taken;

    /// <summary>Takes room for so many bytes; false when there is too little. One request alone always fits.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _taken, bytes) is var taken && (taken <= _size || taken == bytes)) return true;
        Return(bytes);
        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref _taken, -bytes);
}
