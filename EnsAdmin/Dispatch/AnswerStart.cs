using System.IO.Compression;
using System.Net;

namespace EnsAdmin.Dispatch;

/// <summary>Reads an answer within bounds and keeps how it starts.</summary>
internal static class AnswerStart
{
    private const int ReadBytes = 64 * 1024;
    private const int KeptBytes = 4 * 1024;

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
        var most = encoding is null ? Math.Min(looked, ReadBytes) : ReadBytes;
        var buffer = new byte[KeptBytes];
        var read = 0;
        for (int n; read < ReadBytes && (n = await stream.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, ReadBytes - read)), cancel)) > 0; read += n)
            kept.Write(buffer, 0, (int)Math.Min(n, most - kept.Length));
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
        var start = new byte[most];
        try
        {
            return plain is null ? Raw() : start[..plain.ReadAtLeast(start, most, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return Raw(); // What is only for show must not change what came of the call.
        }

        byte[] Raw() => compressed.ToArray()[..(int)Math.Min(compressed.Length, most)];
    }
}
