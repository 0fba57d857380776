using System.IO.Compression;

namespace EnsAdmin.Dispatch;

/// <summary>Reads an answer within bounds and keeps how it starts.</summary>
internal static class AnswerStart
{
    private const int ReadBytes = 64 * 1024;
    private const int KeptBytes = 4 * 1024;

    /// <summary>Reads what a connection needs to be used again, at most 64 KiB.</summary>
    /// <returns>The first 4 KiB, decompressed.</returns>
    public static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancel);
        var encoding = response.Content.Headers.ContentEncoding.SingleOrDefault();
        using var kept = new MemoryStream();
        var most = encoding is null ? KeptBytes : ReadBytes;
        var buffer = new byte[KeptBytes];
        for (int read = 0, n; read < ReadBytes && (n = await stream.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, ReadBytes - read)), cancel)) > 0; read += n)
            kept.Write(buffer, 0, (int)Math.Min(n, most - kept.Length));
        return encoding is null ? kept.ToArray() : Decompress(kept, encoding);
    }

    // Of a bomb, no more than what is kept ever unfolds.
    private static byte[] Decompress(MemoryStream compressed, string encoding)
    {
        compressed.Position = 0;
        using Stream? plain = encoding.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(compressed, CompressionMode.Decompress),
            "deflate" => new ZLibStream(compressed, CompressionMode.Decompress),
            "br" => new BrotliStream(compressed, CompressionMode.Decompress),
            _ => null,
        };
        var start = new byte[KeptBytes];
        try
        {
            return plain is null ? Raw() : start[..plain.ReadAtLeast(start, KeptBytes, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            return Raw();
        }

        byte[] Raw() => compressed.ToArray()[..(int)Math.Min(compressed.Length, KeptBytes)];
    }
}
