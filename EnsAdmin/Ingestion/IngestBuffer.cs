using Microsoft.Extensions.Options;

namespace EnsAdmin.Ingestion;

/// <summary>Bounds the memory of requests that are being read or wait for their commit, by what has been read of them, not by what they announce.</summary>
public sealed class IngestBuffer(IOptions<IngestionOptions> options)
{
    private readonly long _size = options.Value.MaxBufferedMegabytes * 1024L * 1024;
    private long _taken;

    /// <summary>The room of one request, given back when it is disposed.</summary>
    public Room Open() => new(this);

    public sealed class Room(IngestBuffer buffer) : IDisposable
    {
        private long _mine;

        /// <summary>Takes room for so many bytes more; false when there is too little. One request alone always fits.</summary>
        public bool TryGrow(int bytes)
        {
            _mine += bytes;
            var taken = Interlocked.Add(ref buffer._taken, bytes);
            return taken <= buffer._size || taken == _mine;
        }

        public void Dispose() => Interlocked.Add(ref buffer._taken, -_mine);
    }
}
