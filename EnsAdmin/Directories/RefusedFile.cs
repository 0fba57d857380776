using System.Globalization;
using System.Text;

namespace EnsAdmin.Directories;

/// <summary>The list of a file's refused lines, as CSV to be opened in a spreadsheet: whatever a spreadsheet would take for a formula is made text.</summary>
internal sealed class RefusedFile : IDisposable
{
    private readonly StreamWriter _writer;

    /// <param name="path">Begun anew.</param>
    public RefusedFile(string path)
    {
        _writer = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        _writer.Write("line,column,value,reason\r\n");
    }

    public void Add(ImportLine line, LineFault fault)
    {
        var isOne = line.LastNumber == line.Number;
        var (place, reason) = isOne ? (Number(line.Number), fault.Reason) : ($"{Number(line.Number)} to {Number(line.LastNumber)}", $"{fault.Reason} A quote makes one of lines {Number(line.Number)} to {Number(line.LastNumber)}.");
        _writer.Write($"{place},{Cell(fault.Column)},{Cell(fault.Value)},{Cell(reason)}\r\n");

        static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
    }

    public void Dispose() => _writer.Dispose();

    /// <summary>A cell that means what it says and nothing else.</summary>
    internal static string Cell(string text)
    {
        if (text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r') text = "'" + text;
        return text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
