namespace EnsAdmin.Directories;

/// <summary>A file that cannot be read to its end; the message says why, and what would be right.</summary>
internal sealed class UnreadableFileException(string message) : Exception(message);

/// <summary>
/// Cuts a file into lines within a fixed piece of memory, whatever the file holds: a line that is too long is passed over, a quote that is not closed soon
/// costs one line and not the rest of the file. Lines end with LF, CRLF or CR.
/// </summary>
/// <param name="quotes">Whether a line break between double quotes does not end the line, as in CSV.</param>
internal sealed class LineReader(Stream stream, bool quotes)
{
    /// <summary>Bytes of a line.</summary>
    public const int MaxLine = 64 * 1024;

    public const string TooLong = "The line has more than 64 KB.";
    public const string StrayReturn = "A value between quotes has a carriage return in it.";
    public const string OpenQuote = "A quote is opened on this line and not closed within 64 KB.";

    private readonly byte[] _buffer = new byte[4 * MaxLine];
    private int _start, _end;
    private bool _atEnd;
    private long _next = 1;

    /// <summary>How much of the file has been dealt with.</summary>
    public long BytesRead { get; private set; }

    /// <summary>The number of the line that was read last, from 1: the first where it goes over several.</summary>
    public long Number { get; private set; }

    /// <summary>The last one of the file that it goes over.</summary>
    public long LastNumber => _next - 1;

    /// <summary>Reads the next line that is not blank.</summary>
    /// <param name="line">Without its end; good until the next call.</param>
    /// <param name="fault">Why the line cannot be used; null where it can.</param>
    /// <exception cref="UnreadableFileException">It is no text in UTF-8.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line, out string? fault)
    {
        do
        {
            if (!TryReadAny(out line, out fault)) return false;
        } while (fault is null && line.IsEmpty);
        return true;
    }

    private bool TryReadAny(out ReadOnlySpan<byte> line, out string? fault)
    {
        line = default;
        fault = null;
        if (_end - _start <= MaxLine + 1 && !_atEnd) Fill(); // A line's CR with the LF after it.
        if (BytesRead == 0) SkipMark();
        if (_start == _end) return false;
        Number = _next;
        var rest = _buffer.AsSpan(_start, _end - _start);
        var (end, firstBreak, breaks, isOpen, isStray) = FindEnd(rest);
        if (end >= 0 && end <= MaxLine)
        {
            line = Take(rest, end, breaks);
            if (isStray) fault = StrayReturn;
        }
        else if (isOpen && (firstBreak >= 0 || _atEnd))
        {
            line = Take(rest, firstBreak >= 0 ? firstBreak : rest.Length, 1);
            fault = OpenQuote;
        }
        else if (end < 0 && _atEnd && rest.Length <= MaxLine)
        {
            line = Take(rest, rest.Length, breaks + 1);
            if (isStray) fault = StrayReturn;
        }
        else
        {
            line = rest[..Math.Min(rest.Length, 100)].ToArray(); // What it lies in is read over now.
            fault = TooLong;
            PassOver();
        }

        if (line is [.., (byte)'\r']) line = line[..^1];
        return true;
    }

    /// <returns>Where the line ends, -1 where that is not in sight; its first line break; how many it has; whether a quote is open at the end; whether a CR stands between quotes.</returns>
    private (int End, int FirstBreak, int Breaks, bool IsOpen, bool IsStray) FindEnd(ReadOnlySpan<byte> rest)
    {
        var (at, firstBreak, breaks, isOpen, isStray) = (0, -1, 0, false, false);
        while (at <= MaxLine)
        {
            var found = quotes ? rest[at..].IndexOfAny((byte)'\n', (byte)'\r', (byte)'"') : rest[at..].IndexOfAny((byte)'\n', (byte)'\r');
            if (found < 0) break;
            at += found;
            if (rest[at] == '"') isOpen = !isOpen;
            else if (!rest[at..].StartsWith("\r\n"u8))
            {
                if (firstBreak < 0) firstBreak = at;
                breaks++;
                if (!isOpen) return (at, firstBreak, breaks, false, isStray);
                isStray |= rest[at] == '\r';
            }

            at++;
        }

        return (-1, firstBreak, breaks, isOpen, isStray);
    }

    private ReadOnlySpan<byte> Take(ReadOnlySpan<byte> rest, int length, int lines)
    {
        var taken = Math.Min(length + 1, rest.Length); // The last line may have no end.
        _start += taken;
        BytesRead += taken;
        _next += lines;
        return rest[..length];
    }

    /// <summary>Leaves a line behind that does not fit into memory.</summary>
    private void PassOver()
    {
        while (true)
        {
            var rest = _buffer.AsSpan(_start, _end - _start);
            var end = rest.IndexOfAny((byte)'\n', (byte)'\r');
            var isWhole = end >= 0 && (end < rest.Length - 1 || _atEnd); // An LF may belong to a CR.
            var passed = end < 0 ? rest.Length : !isWhole ? end : rest[end..].StartsWith("\r\n"u8) ? end + 2 : end + 1;
            _start += passed;
            BytesRead += passed;
            if (isWhole || _atEnd) break;
            Fill();
        }

        _next++;
    }

    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_end, _start) = (_end - _start, 0);
        while (_end < _buffer.Length && !_atEnd)
        {
            var read = stream.Read(_buffer.AsSpan(_end));
            _end += read;
            _atEnd = read == 0;
        }
    }

    private void SkipMark()
    {
        var start = _buffer.AsSpan(0, _end);
        if (start.StartsWith("\uFEFF"u8)) (_start, BytesRead) = (3, 3);
        else if (start is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] or [0, not 0, 0, not 0, ..] or [not 0, 0, not 0, 0, ..]) throw new UnreadableFileException("The file is UTF-16. Save it as UTF-8.");
        else if (start is [0x1F, 0x8B, ..]) throw new UnreadableFileException("The file is packed with gzip. Unpack it first.");
        else if (start.StartsWith("PK\u0003\u0004"u8)) throw new UnreadableFileException("The file is a workbook or a zip archive. Save it as CSV in UTF-8.");
        else if (start[..Math.Min(start.Length, 4096)].Contains((byte)0)) throw new UnreadableFileException("The file is no text. Give CSV or NDJSON in UTF-8.");
    }
}
