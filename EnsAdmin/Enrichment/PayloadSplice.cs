using System.Buffers;
using System.Text;

namespace EnsAdmin.Enrichment;

/// <summary>
/// Puts members and items into a payload at the ends of its objects and lists. What was there keeps its bytes and its order: nothing is written anew, so that numbers
/// and escapes stay as the producer wrote them.
/// </summary>
internal sealed class PayloadSplice
{
    private const int MostKept = 64 * 1024;

    private static readonly SearchValues<char> ToEscape = SearchValues.Create(['"', '\\', .. Enumerable.Range(0, 32).Select(i => (char)i)]);

    [ThreadStatic]
    private static PayloadSplice? _ofThread;

    private readonly List<Piece> _pieces = [];
    private ArrayBufferWriter<byte> _added = new(1024);
    private byte[] _payload = [];

    private PayloadSplice()
    {
    }

    public bool IsEmpty => _pieces.Count == 0;

    /// <summary>Begins with a payload. There is one splice a thread, so that its memory is there already: finish with one payload before the next.</summary>
    public static PayloadSplice Of(byte[] payload)
    {
        var splice = _ofThread ??= new PayloadSplice();
        splice._payload = payload;
        splice._pieces.Clear();
        if (splice._added.Capacity > MostKept) splice._added = new ArrayBufferWriter<byte>(1024);
        splice._added.ResetWrittenCount();
        return splice;
    }

    /// <summary>An object of the payload.</summary>
    public Members In(JsonPlace place) => new(this, place, null, "");

    /// <summary>The payload with all that was added.</summary>
    public byte[] ToBytes()
    {
        for (var i = 0; i < _pieces.Count; i++) _pieces[i] = _pieces[i] with { To = i + 1 < _pieces.Count ? _pieces[i + 1].From : _added.WrittenCount };
        _pieces.Sort(); // In the order of the payload, and at one place as they were added.
        var whole = GC.AllocateUninitializedArray<byte>(_payload.Length + _added.WrittenCount);
        var (read, written) = (0, 0);
        foreach (var piece in _pieces)
        {
            Copy(_payload.AsSpan(read, piece.At - read));
            read = piece.At;
            Copy(_added.WrittenSpan[piece.From..piece.To]);
        }

        Copy(_payload.AsSpan(read));
        return whole;

        void Copy(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(whole.AsSpan(written));
            written += bytes.Length;
        }
    }

    /// <summary>Adds an item to a list of the payload.</summary>
    /// <param name="isFirst">Whether nothing is in the list, nor was added to it.</param>
    public void Append(JsonPlace list, bool isFirst, string json)
    {
        Add(list.End);
        if (!isFirst) Write(",");
        Write(json);
    }

    /// <summary>A text as JSON.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text) _ = ToEscape.Contains(c) ? c >= ' ' ? quoted.Append('\\').Append(c) : quoted.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : quoted.Append(c);
        return quoted.Append('"').ToString();
    }

    private void Add(int at) => _pieces.Add(new Piece(at, _added.WrittenCount, 0));

    private void Write(ReadOnlySpan<char> text) => _added.Advance(Encoding.UTF8.GetBytes(text, _added.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));

    private void WriteQuoted(string text)
    {
        if (text.AsSpan().ContainsAny(ToEscape))
        {
            Write(Quote(text));
            return;
        }

        Write("\"");
        Write(text);
        Write("\"");
    }

    /// <summary>What is put into an object: into one that the payload has, or into a new one, which comes into being with its first member. Finish one before the next of the same parent.</summary>
    public sealed class Members
    {
        private readonly PayloadSplice _splice;
        private readonly JsonPlace? _place;
        private readonly Members? _parent;
        private readonly string _name;
        private bool _hasAny;

        internal Members(PayloadSplice splice, JsonPlace? place, Members? parent, string name)
        {
            (_splice, _place, _parent, _name) = (splice, place, parent, name);
            _hasAny = place is { IsEmpty: false };
        }

        /// <summary>Whether something else than an object stands here, which stays.</summary>
        public bool IsTaken => _place is not null && _place.Kind != System.Text.Json.JsonValueKind.Object;

        public bool Has(string name) => _place?.Find(name) is not null;

        public JsonPlace? Find(string name) => _place?.Find(name);

        /// <summary>Adds a member; one that is there stays as it is, and null adds none.</summary>
        public void Text(string name, string? value)
        {
            if (value is null || IsTaken || Has(name)) return;
            Begin(name);
            _splice.WriteQuoted(value);
        }

        /// <inheritdoc cref="Text"/>
        public void Json(string name, string? json)
        {
            if (json is null || IsTaken || Has(name)) return;
            Begin(name);
            _splice.Write(json);
        }

        /// <inheritdoc cref="Text"/>
        public void Texts(string name, IReadOnlyList<string> values)
        {
            if (values.Count == 0 || IsTaken || Has(name)) return;
            Begin(name);
            _splice.Write("[");
            for (var i = 0; i < values.Count; i++)
            {
                if (i > 0) _splice.Write(",");
                _splice.WriteQuoted(values[i]);
            }

            _splice.Write("]");
        }

        /// <summary>An object inside, the payload's own or a new one.</summary>
        public Members Object(string name) => IsTaken ? this : new(_splice, Find(name), Has(name) ? null : this, name);

        /// <summary>Closes a new object that something was put into.</summary>
        public void Close()
        {
            if (_place is null && _hasAny) _splice.Write("}");
        }

        private void Begin(string name)
        {
            if (_place is not null)
            {
                _splice.Add(_place.End);
            }
            else if (!_hasAny)
            {
                _parent!.Begin(_name);
                _splice.Write("{");
            }

            if (_hasAny) _splice.Write(",");
            _hasAny = true;
            _splice.Write("\"");
            _splice.Write(name); // Our own names, with nothing to escape.
            _splice.Write("\":");
        }
    }

    /// <param name="At">Where in the payload it belongs.</param>
    private readonly record struct Piece(int At, int From, int To) : IComparable<Piece>
    {
        public int CompareTo(Piece other) => At != other.At ? At.CompareTo(other.At) : From.CompareTo(other.From);
    }
}
