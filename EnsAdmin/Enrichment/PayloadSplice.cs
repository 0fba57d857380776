using System.Buffers;
using System.Text;

namespace EnsAdmin.Enrichment;

/// <summary>
/// Puts members and items into a payload at the ends of its objects and lists. What was there keeps its bytes and its order: nothing is written anew, so that numbers
/// and escapes stay as the producer wrote them.
/// </summary>
internal sealed class PayloadSplice(byte[] payload)
{
    private static readonly SearchValues<char> ToEscape = SearchValues.Create(['"', '\\', .. Enumerable.Range(0, 32).Select(i => (char)i)]);

    private readonly ArrayBufferWriter<byte> _added = new(256);
    private readonly List<(int At, int From)> _pieces = [];

    public bool IsEmpty => _pieces.Count == 0;

    /// <summary>An object of the payload.</summary>
    public Members In(JsonPlace place) => new(this, place, null, "");

    /// <summary>The payload with all that was added.</summary>
    public byte[] ToBytes()
    {
        var whole = new byte[payload.Length + _added.WrittenCount];
        var (read, written) = (0, 0);
        foreach (var (i, piece) in _pieces.Index().OrderBy(p => p.Item.At).ThenBy(p => p.Index))
        {
            payload.AsSpan(read, piece.At - read).CopyTo(whole.AsSpan(written));
            (written, read) = (written + piece.At - read, piece.At);
            var to = i + 1 < _pieces.Count ? _pieces[i + 1].From : _added.WrittenCount;
            _added.WrittenSpan[piece.From..to].CopyTo(whole.AsSpan(written));
            written += to - piece.From;
        }

        payload.AsSpan(read).CopyTo(whole.AsSpan(written));
        return whole;
    }

    /// <summary>Adds an item to a list of the payload.</summary>
    /// <param name="isFirst">Whether nothing is in the list, nor was added to it.</param>
    public void Append(JsonPlace list, bool isFirst, string json)
    {
        _pieces.Add((list.End, _added.WrittenCount));
        if (!isFirst) Write(",");
        Write(json);
    }

    /// <summary>A text as JSON.</summary>
    public static string Quote(string text)
    {
        if (!text.AsSpan().ContainsAny(ToEscape)) return $"\"{text}\"";
        var quoted = new StringBuilder("\"");
        foreach (var c in text) _ = ToEscape.Contains(c) ? c >= ' ' ? quoted.Append('\\').Append(c) : quoted.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : quoted.Append(c);
        return quoted.Append('"').ToString();
    }

    private void Write(ReadOnlySpan<char> text) => Encoding.UTF8.GetBytes(text, _added);

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
            if (value is not null) Json(name, Quote(value));
        }

        /// <inheritdoc cref="Text"/>
        public void Json(string name, string? json)
        {
            if (json is null || IsTaken || Has(name)) return;
            Begin(name);
            _splice.Write(json);
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
                _splice._pieces.Add((_place.End, _splice._added.WrittenCount));
            }
            else if (!_hasAny)
            {
                _parent!.Begin(_name);
                _splice.Write("{");
            }

            if (_hasAny) _splice.Write(",");
            _hasAny = true;
            _splice.Write(Quote(name));
            _splice.Write(":");
        }
    }
}
