using System.Globalization;
using System.Text;

namespace EnsAdmin.Directories;

/// <summary>
/// The list of a file's refused lines, as CSV to be opened in a spreadsheet: whatever a spreadsheet would take for a formula is made text. It is bounded, whatever
/// the file holds: the first lines are listed, with the first faults of each; its last line says how many lines more there are.
/// </summary>
internal sealed class RefusedFile : IDisposable
{
    /// <summary>Lines that are listed.</summary>
    public const int MaxLines = 100_000;

    private const int MaxFaults = 10, MaxCell = 300;

    private readonly StreamWriter _writer;
    private long _lines;

    /// <param name="path">Begun anew.</param>
    public RefusedFile(string path)
    {
        _writer = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        _writer.Write("line,column,value,reason\r\n");
    }

    public void Add(ImportLine line)
    {
        if (++_lines > MaxLines) return;
        foreach (var fault in line.Faults.Take(MaxFaults)) Add(line, fault);
        if (line.Faults.Count > MaxFaults) Add(line, new LineFault("", "", string.Create(CultureInfo.InvariantCulture, $"And {line.Faults.Count - MaxFaults:N0} more faults.")));
    }

    public void Dispose()
    {
        if (_lines > MaxLines) _writer.Write($",,,{Cell(string.Create(CultureInfo.InvariantCulture, $"{_lines - MaxLines:N0} more lines are refused that are not listed."))}\r\n");
        _writer.Dispose();
    }

    private void Add(ImportLine line, LineFault fault)
    {
        var isOne = line.LastNumber == line.Number;
        var (place, reason) = isOne ? (Number(line.Number), fault.Reason) : ($"{Number(line.Number)} to {Number(line.LastNumber)}", $"{fault.Reason} A quote makes one of lines {Number(line.Number)} to {Number(line.LastNumber)}.");
        _writer.Write($"{place},{Cell(fault.Column)},{Cell(fault.Value)},{Cell(reason)}\r\n");

        static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A cell that means what it says and nothing else.</summary>
    internal static string Cell(string text)
    {
        text = Shorten(text, MaxCell);
        if (text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r') text = "'" + text;
        return text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    internal static string Shorten(string text, int length = 100) => text.Length <= length ? text : text[..length] + "…";
}
