using System.Buffers;
using System.IO.Compression;
using System.Net;

namespace EnsAdmin.Dispatch;

/// <summary>Reads an answer within bounds and keeps how it starts.</summary>
internal static class AnswerStart
{
    private const int ReadBytes = 64 * 1024;
    private const int KeptBytes = 4 * 1024;

    /// <summary>What a compressed answer may begin with besides what its bytes unfold to: headers and tables.</summary>
    private const int Overhead = 1024;

    /// <summary>Reads what a connection needs to be used again, at most 64 KiB.</summary>
    /// <returns>The first 4 KiB, decompressed where one common encoding was used, without the webhook's secrets; whether there was more than was read.</returns>
    public static async Task<(byte[] Start, bool IsCut)> ReadAsync(HttpResponseMessage response, SecretMask mask, CancellationToken cancel)
    {
        // From here on the connection speaks another protocol, for as long as it likes.
        if (response.StatusCode == HttpStatusCode.SwitchingProtocols) return ([], false);
        await using var stream = await response.Content.ReadAsStreamAsync(cancel);
        var encodings = response.Content.Headers.ContentEncoding;
        var encoding = encodings.Count == 1 ? encodings.First() : null;
        using var kept = new MemoryStream();
        var looked = KeptBytes + mask.Longest;
        var most = Math.Min(encoding is null ? looked : looked + Overhead, ReadBytes);
        var (read, n) = (0, 1);
        while (n > 0 && read < ReadBytes)
        {
            _ = await stream.ReadAsync(Memory<byte>.Empty, cancel); // Ends when something is there: who lets wait gets no memory meanwhile.
            var buffer = ArrayPool<byte>.Shared.Rent(KeptBytes);
            try
            {
                n = await stream.ReadAsync(buffer.AsMemory(0, Math.Min(KeptBytes, ReadBytes - read)), cancel);
                kept.Write(buffer, 0, (int)Math.Min(n, most - kept.Length));
                read += n;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        var start = mask.Mask(encoding is null ? kept.ToArray() : Decompress(kept, encoding, looked));
        return (start[..Math.Min(start.Length, KeptBytes)], read == ReadBytes && response.Content.Headers.ContentLength != ReadBytes);
    }

    // Of a bomb, no more than what is kept ever unfolds.
    private static byte[] Decompress(MemoryStream compressed, string encoding, int most)
    {
        compressed.Position = 0;
        using Stream? plain = encoding.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(compressed, CompressionMode.Decompress),
            "deflate" => new ZLibStream(compressed, CompressionMode.Decompress),
            "br" => new BrotliStream(compressed, CompressionMode.Decompress),
            _ => null,
        };
        var (start, length) = (new byte[most], 0);
        try
        {
            for (var n = 1; plain is not null && n > 0 && length < most; length += n) n = plain.Read(start, length, most - length);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // It goes on where no more was kept, or is not what it says. What is only for show must not change what came of the call.
        }

        return length > 0 ? start[..length] : compressed.ToArray()[..(int)Math.Min(compressed.Length, most)];
    }
}
