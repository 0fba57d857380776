using System.Buffers;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Ingestion;

/// <summary>Bounds the memory of requests that are being read or wait for their commit, by what has been read of them, not by what they announce.</summary>
public sealed class IngestBuffer(IOptions<IngestionOptions> options)
{
    private readonly long _size = options.Value.MaxBufferedMegabytes * 1024L * 1024;
    private long _taken;

    /// <summary>The room of one request, given back when it is disposed.</summary>
    public Room Open() => new(this);

    /// <summary>The body of a request while it is read and used; its memory goes to the next one.</summary>
    public sealed class Room(IngestBuffer buffer) : IDisposable
    {
        // What is larger goes to the collector: a few large requests must not leave their memory behind.
        private const int FirstBytes = 16 * 1024, MostKept = 1024 * 1024;

        private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FirstBytes);

        public int Length { get; private set; }

        /// <summary>What has been read; not to be used after the end of the request.</summary>
        public ReadOnlyMemory<byte> Body => _bytes.AsMemory(0, Length);

        /// <summary>Where to read more into; never empty.</summary>
        public Memory<byte> Free()
        {
            if (Length < _bytes.Length) return _bytes.AsMemory(Length);
            var larger = ArrayPool<byte>.Shared.Rent(_bytes.Length * 2);
            Body.CopyTo(larger);
            GiveBack();
            _bytes = larger;
            return _bytes.AsMemory(Length);
        }

        /// <summary>Takes so many bytes more, which were read; false when there is too little room. One request alone always fits.</summary>
        public bool TryGrow(int bytes)
        {
            Length += bytes;
            var taken = Interlocked.Add(ref buffer._taken, bytes);
            return taken <= buffer._size || taken == Length;
        }

        public void Dispose()
        {
            Interlocked.Add(ref buffer._taken, -Length);
            Length = 0;
            GiveBack();
            _bytes = [];
        }

        private void GiveBack()
        {
            if (_bytes.Length is > 0 and <= MostKept) ArrayPool<byte>.Shared.Return(_bytes);
        }
    }
}
