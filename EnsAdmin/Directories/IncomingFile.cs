using EnsAdmin.Domain;
using Microsoft.AspNetCore.Components.Forms;

namespace EnsAdmin.Directories;

/// <summary>A file that a browser has sent, until it becomes an import's: it goes with the page that it came to.</summary>
internal sealed class IncomingFile : IDisposable
{
    private const int PreviewRows = 10;

    private readonly ImportFiles _files;
    private string? _path;

    private IncomingFile(ImportFiles files, string path, string name, long bytes) => (_files, _path, Name, Bytes) = (files, path, name, bytes);

    public string Name { get; }
    public long Bytes { get; }
    public ImportFormat Format => NewImport.FormatOf(Name);

    /// <summary>The names of the columns; null where it is no CSV.</summary>
    public IReadOnlyList<string>? Heads { get; private set; }

    /// <summary>The first rows of a CSV file.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows { get; private set; } = [];

    /// <summary>Streams it into the data directory; nobody has it in memory.</summary>
    /// <param name="came">Told how many percent have come.</param>
    /// <exception cref="UnreadableFileException">It is too large, or cannot be read; the message says how.</exception>
    public static async Task<IncomingFile> ReceiveAsync(IBrowserFile sent, ImportFiles files, long maxBytes, Action<double> came, CancellationToken cancel)
    {
        if (sent.Size > maxBytes) throw new UnreadableFileException($"The file has {ImportWords.Size(sent.Size)}; at most {ImportWords.Size(maxBytes)} are taken.");
        var path = files.Incoming(sent.Size);
        try
        {
            await using (var to = File.Create(path))
            await using (var from = sent.OpenReadStream(maxBytes, cancel)) await CopyAsync(from, to, sent.Size, came, files, cancel);
            var incoming = new IncomingFile(files, path, sent.Name, sent.Size);
            using var file = File.OpenRead(path);
            if (incoming.Format == ImportFormat.Csv) (incoming.Heads, incoming.Rows) = ImportLines.Preview(file, PreviewRows);
            else ImportLines.CheckNdjson(file);

            return incoming;
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Gives the file away: to be an import's.</summary>
    /// <returns>Its path.</returns>
    public string Take()
    {
        var path = _path!;
        _path = null;
        return path;
    }

    /// <summary>The path of a copy.</summary>
    /// <exception cref="UnreadableFileException">The disk has no room for it.</exception>
    public string Copy()
    {
        var copy = _files.Incoming(Bytes);
        File.Copy(_path!, copy);
        return copy;
    }

    public void Dispose()
    {
        if (_path is not null) File.Delete(_path);
        _path = null;
    }

    private static async Task CopyAsync(Stream from, Stream to, long bytes, Action<double> came, ImportFiles files, CancellationToken cancel)
    {
        var buffer = new byte[64 * 1024];
        var told = 0.0;
        for (int n; (n = await from.ReadAsync(buffer, cancel)) > 0;)
        {
            await to.WriteAsync(buffer.AsMemory(0, n), cancel);
            var percent = 100.0 * to.Position / Math.Max(1, bytes);
            if (percent - told < 1) continue;
            files.CheckRoom(bytes - to.Position); // Others write as well.
            came(told = percent);
        }
    }
}
