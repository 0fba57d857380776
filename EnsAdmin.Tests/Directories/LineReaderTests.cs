using System.Text;
using EnsAdmin.Directories;

namespace EnsAdmin.Tests.Directories;

public sealed class LineReaderTests
{
    [Fact]
    public void Lines_come_with_their_numbers_and_without_their_ends() =>
        Assert.Equal([(1, "a", null), (2, "b", null), (4, "c", null)], Read("\uFEFFa\r\nb\n\nc", quotes: false));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_kind_of_line_end_counts_once(bool quotes)
    {
        Assert.Equal([(1, "a", null), (2, "b", null), (4, "c", null), (5, "d", null)], Read("a\rb\r\rc\r\nd\r", quotes));
        var longer = new string('x', 4 * LineReader.MaxLine - 1); // Its CR is the last of a bufferful.
        Assert.Equal([(1, LineReader.TooLong), (2, null)], Read($"{longer}\r\nb", quotes).Select(l => (l.Number, l.Fault)));
        Assert.Equal([(1, LineReader.TooLong), (2, null)], Read($"{longer}\rb", quotes).Select(l => (l.Number, l.Fault)));
    }

    [Fact]
    public void A_line_break_between_quotes_does_not_end_the_line() =>
        Assert.Equal([(1, "a,\"x\ny\"", null), (3, "b", null)], Read("a,\"x\ny\"\nb\n", quotes: true));

    [Fact]
    public void A_quote_that_is_never_closed_costs_one_line_and_not_the_rest()
    {
        var lines = Read("good\nbad,\"open\nnext\nlast", quotes: true);
        Assert.Equal([(1, "good", null), (2, "bad,\"open", LineReader.OpenQuote), (3, "next", null), (4, "last", null)], lines);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_line_of_100_MB_is_passed_over_in_little_memory(bool quotes)
    {
        using var file = new LongLine(100L * 1024 * 1024);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var reader = new LineReader(file, quotes);

        Assert.True(reader.TryRead(out var line, out var fault));
        Assert.Equal((LineReader.TooLong, 100), (fault, line.Length));
        Assert.True(reader.TryRead(out line, out fault));
        Assert.Equal(("after", null, 2L), (Encoding.UTF8.GetString(line), fault, reader.Number));
        Assert.False(reader.TryRead(out _, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024 * 1024);
        Assert.Equal(100L * 1024 * 1024 + 7, reader.BytesRead);
    }

    [Fact]
    public void The_longest_line_is_taken_whole_wherever_it_lies()
    {
        var longest = new string('x', LineReader.MaxLine);
        var lines = Read($"a\n{longest}\n{longest}\n{longest}y\n{longest}", quotes: true);
        Assert.Equal([null, null, null, LineReader.TooLong, null], lines.Select(l => l.Fault));
        Assert.Equal(longest, lines[4].Text);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x61, 0 }, "UTF-16")]
    [InlineData(new byte[] { 0, 0x63, 0, 0x75, 0 }, "UTF-16")]
    [InlineData(new byte[] { 0x63, 0, 0x75, 0 }, "UTF-16")]
    [InlineData(new byte[] { 0x1F, 0x8B, 8, 0 }, "gzip")]
    [InlineData(new byte[] { 0x50, 0x4B, 3, 4 }, "CSV in UTF-8")]
    [InlineData(new byte[] { 0x61, 0, 0x62 }, "no text")]
    public void What_is_no_text_is_said_so(byte[] start, string word)
    {
        var refusal = Assert.Throws<UnreadableFileException>(() => new LineReader(new MemoryStream(start), true).TryRead(out _, out _));
        Assert.Contains(word, refusal.Message);
    }

    private static List<(long Number, string Text, string? Fault)> Read(string text, bool quotes)
    {
        var reader = new LineReader(new MemoryStream(Encoding.UTF8.GetBytes(text)), quotes);
        var lines = new List<(long, string, string?)>();
        while (reader.TryRead(out var line, out var fault)) lines.Add((reader.Number, Encoding.UTF8.GetString(line), fault));
        return lines;
    }

    /// <summary>A line that nobody has in memory, and one after it.</summary>
    private sealed class LongLine(long length) : Stream
    {
        private static readonly byte[] After = "\nafter\n"u8.ToArray();
        private long _at;

        public override int Read(Span<byte> buffer)
        {
            var long_ = (int)Math.Min(buffer.Length, Math.Max(0, length - _at));
            buffer[..long_].Fill((byte)'x');
            var rest = After.AsSpan((int)Math.Max(0, _at + long_ - length));
            var short_ = long_ < buffer.Length && _at + long_ >= length ? Math.Min(rest.Length, buffer.Length - long_) : 0;
            rest[..short_].CopyTo(buffer[long_..]);
            _at += long_ + short_;
            return long_ + short_;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => _at; set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
