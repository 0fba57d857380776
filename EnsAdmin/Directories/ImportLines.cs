using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using nietras.SeparatedValues;

namespace EnsAdmin.Directories;

/// <summary>What is wrong with a line.</summary>
/// <param name="Column">Empty where it is the whole line.</param>
/// <param name="Value">What was found there, shortened.</param>
internal sealed record LineFault(string Column, string Value, string Reason);

/// <summary>A line of a file: what it says, or why it is refused.</summary>
internal sealed record ImportLine(long Number, DirectoryChange? Change, IReadOnlyList<LineFault> Faults)
{
    /// <summary>Where it goes over several of the file, the last one.</summary>
    public long LastNumber { get; init; } = Number;

    /// <summary>How far the file was read when this line came out of it, in bytes.</summary>
    public long BytesRead { get; init; }
}

/// <summary>Reads the lines of a file, as many as there are, in a fixed piece of memory.</summary>
internal static class ImportLines
{
    private const int RowsAtOnce = 500;
    private const int CharactersAtOnce = 32 * 1024;
    private const string NotUtf8 = "The line is not UTF-8; the file was saved in another encoding.";
    private const string NoNdjson = "The file is one JSON document over all its lines. Give NDJSON: one JSON object a line, with neither brackets around them nor commas between.";
    private static readonly char[] Separators = [',', ';', '\t'];

    /// <exception cref="UnreadableFileException">It is not what it is said to be, or a column is missing.</exception>
    public static IEnumerable<ImportLine> Read(Stream file, DirectoryKind kind, ImportFormat format, IReadOnlyDictionary<string, string>? mapping)
    {
        if (format == ImportFormat.Ndjson)
        {
            CheckNdjson(file);
            file.Position = 0;
        }

        var lines = new LineReader(file, quotes: format == ImportFormat.Csv);
        return format == ImportFormat.Csv ? Csv(lines, kind, mapping) : Ndjson(lines, kind);
    }

    /// <summary>The names of the columns of a CSV file and its first rows.</summary>
    /// <exception cref="UnreadableFileException">It is no CSV.</exception>
    public static (IReadOnlyList<string> Heads, IReadOnlyList<IReadOnlyList<string>> Rows) Preview(Stream file, int rows)
    {
        var lines = new LineReader(file, quotes: true);
        var (heads, separator) = Head(lines);
        var found = new List<IReadOnlyList<string>>();
        while (found.Count < rows && lines.TryRead(out var line, out var fault))
            if (fault is null) found.AddRange(Cells(Encoding.UTF8.GetString(line), separator).Select(c => (IReadOnlyList<string>)c));
        return (heads, found);
    }

    /// <summary>Looks at the first line of NDJSON: a whole JSON document would be refused line by line otherwise.</summary>
    /// <exception cref="UnreadableFileException">It is one.</exception>
    public static void CheckNdjson(Stream file)
    {
        var lines = new LineReader(file, quotes: false);
        if (lines.TryRead(out var line, out _) && line.Trim(" \t"u8) is [(byte)'[', ..] or [(byte)'{']) throw new UnreadableFileException(NoNdjson);
    }

    private static IEnumerable<ImportLine> Ndjson(LineReader lines, DirectoryKind kind)
    {
        while (Next(lines, kind) is { } line) yield return line;
    }

    private static ImportLine? Next(LineReader lines, DirectoryKind kind)
    {
        if (!lines.TryRead(out var text, out var fault)) return null;
        if (Unusable(text, fault) is { } unusable) return new ImportLine(lines.Number, null, [unusable]) { BytesRead = lines.BytesRead };
        var errors = new List<ApiError>();
        DirectoryChange? change = null;
        try
        {
            using var json = JsonDocument.Parse(text.ToArray(), JsonFaults.Strict);
            change = RecordReader.Read(kind, json.RootElement, "", errors);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            errors.Add(JsonFaults.Find(text) ?? new ApiError(400, "This is not JSON."));
        }

        var start = errors.Count > 0 ? RefusedFile.Shorten(Encoding.UTF8.GetString(text)) : "";
        return new ImportLine(lines.Number, change, [.. errors.Select(e => new LineFault(e.Pointer ?? "", start, e.Message))]) { BytesRead = lines.BytesRead };
    }

    private static IEnumerable<ImportLine> Csv(LineReader lines, DirectoryKind kind, IReadOnlyDictionary<string, string>? mapping)
    {
        var (heads, separator) = Head(lines);
        var columns = new CsvColumns(kind, heads, mapping);
        var block = new Block(heads.Count, columns, separator);
        bool more;
        do
        {
            more = block.Fill(lines);
            foreach (var line in block.Read()) yield return line;
        } while (more);
    }

    private static (IReadOnlyList<string> Heads, char Separator) Head(LineReader lines)
    {
        if (!lines.TryRead(out var line, out var fault)) throw new UnreadableFileException("The file is empty.");
        if (Unusable(line, fault) is { } unusable) throw new UnreadableFileException($"The first line has to name the columns. {unusable.Reason}");
        var text = Encoding.UTF8.GetString(line);
        var separator = Separators.MaxBy(s => text.Count(c => c == s));
        var heads = Cells(text, separator).Single().Select(c => c.Trim()).ToList();
        if (heads.Where(h => h.Length > 0).GroupBy(h => h).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new UnreadableFileException($"Two columns are called '{twice.Key}'.");
        return (heads, separator);
    }

    private static LineFault? Unusable(ReadOnlySpan<byte> line, string? fault) => fault is not null ? new LineFault("", RefusedFile.Shorten(Encoding.UTF8.GetString(line)), fault)
        : Utf8.IsValid(line) ? null : new LineFault("", RefusedFile.Shorten(Encoding.UTF8.GetString(line)), NotUtf8);

    private static List<string[]> Cells(string text, char separator)
    {
        using var reader = Sep.New(separator).Reader(o => o with { HasHeader = false, Unescape = true, DisableColCountCheck = true }).FromText(text);
        var rows = new List<string[]>();
        foreach (var row in reader)
        {
            var cells = new string[row.ColCount];
            for (var i = 0; i < cells.Length; i++) cells[i] = row[i].ToString();
            rows.Add(cells);
        }

        return rows;
    }

    /// <summary>Some lines at once: the parser is quick with many and slow to begin. What it gets is whole lines of UTF-8 with their quotes in order.</summary>
    private sealed class Block(int columns, CsvColumns plan, char separator)
    {
        private readonly ArrayBufferWriter<char> _text = new(2 * CharactersAtOnce);
        private readonly List<(long Number, long LastNumber, LineFault? Fault, long BytesRead)> _lines = [];

        /// <returns>False at the end of the file.</returns>
        public bool Fill(LineReader lines)
        {
            _text.ResetWrittenCount();
            _lines.Clear();
            while (_lines.Count < RowsAtOnce && _text.WrittenCount < CharactersAtOnce)
            {
                if (!lines.TryRead(out var line, out var fault)) return false;
                var unusable = Unusable(line, fault);
                _lines.Add((lines.Number, lines.LastNumber, unusable, lines.BytesRead));
                if (unusable is not null) continue;
                var room = _text.GetSpan(line.Length);
                _text.Advance(Encoding.UTF8.GetChars(line, room));
                _text.Write("\n");
            }

            return true;
        }

        public List<ImportLine> Read()
        {
            var rows = Cells(_text.WrittenSpan.ToString(), separator);
            var (read, next) = (new List<ImportLine>(_lines.Count), 0);
            foreach (var (number, lastNumber, fault, bytesRead) in _lines)
            {
                var faults = new List<LineFault>();
                DirectoryChange? change = null;
                if (fault is not null) faults.Add(fault);
                else if (rows[next++] is var cells && cells.Length != columns)
                    faults.Add(new LineFault("", RefusedFile.Shorten(string.Join(separator, cells)), string.Create(CultureInfo.InvariantCulture, $"The line has {cells.Length} columns where the first line names {columns}.")));
                else change = plan.Read(cells, faults);
                read.Add(new ImportLine(number, change, faults) { LastNumber = lastNumber, BytesRead = bytesRead });
            }

            return read;
        }
    }
}
