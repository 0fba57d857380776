using System.Runtime.InteropServices;
using System.Text;
using EnsAdmin.Domain;

namespace EnsAdmin.Enrichment;

/// <summary>
/// Puts members and items into a payload at the ends of its objects and lists. What was there keeps its bytes and its order: nothing is written anew, so that numbers
/// and escapes stay as the producer wrote them.
/// </summary>
internal sealed class PayloadSplice
{
    private const int MostKept = 64 * 1024;

    [ThreadStatic]
    private static PayloadSplice? _ofThread;

    private readonly List<(int At, int From, int To)> _pieces = [];
    private byte[] _added = new byte[1024];
    private int _length;

    private PayloadSplice()
    {
    }

    public bool IsEmpty => _pieces.Count == 0;

    /// <summary>Begins. There is one splice a thread, so that its memory is there already: finish with one payload before the next.</summary>
    public static PayloadSplice New()
    {
        var splice = _ofThread ??= new PayloadSplice();
        splice._pieces.Clear();
        if (splice._added.Length > MostKept) splice._added = new byte[1024];
        splice._length = 0;
        return splice;
    }

    /// <summary>An object of the payload.</summary>
    public Members In(JsonPlace place) => new(this, place, null, "");

    /// <summary>All that was added.</summary>
    public byte[] ToAdditions()
    {
        for (var i = 0; i < _pieces.Count; i++) _pieces[i] = _pieces[i] with { To = i + 1 < _pieces.Count ? _pieces[i + 1].From : _length };
        _pieces.Sort(); // In the order of the payload, and at one place as they were added.
        return PayloadAdditions.Write(CollectionsMarshal.AsSpan(_pieces), _added.AsSpan(0, _length));
    }

    /// <summary>Adds an item to a list of the payload.</summary>
    /// <param name="isFirst">Whether nothing is in the list, nor was added to it.</param>
    public void Append(JsonPlace list, bool isFirst, string json)
    {
        Add(list.End);
        if (!isFirst) Write(","u8);
        Write(json);
    }

    private void Add(int at) => _pieces.Add((at, _length, 0));

    private Span<byte> Room(int bytes)
    {
        if (_added.Length - _length < bytes) Array.Resize(ref _added, Math.Max(_added.Length * 2, _length + bytes));
        return _added.AsSpan(_length);
    }

    private void Write(ReadOnlySpan<byte> json)
    {
        json.CopyTo(Room(json.Length));
        _length += json.Length;
    }

    private void WriteQuoted(string text)
    {
        if (!RecordJson.IsPlain(text))
        {
            Write(RecordJson.Quote(text));
            return;
        }

        Write("\""u8);
        Write(text);
        Write("\""u8);
    }

    private void Write(string json) => _length += Encoding.UTF8.GetBytes(json, Room(Encoding.UTF8.GetMaxByteCount(json.Length)));

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
            if (value is not null && TryBegin(name)) _splice.WriteQuoted(value);
        }

        /// <inheritdoc cref="Text"/>
        public void Json(string name, string? json)
        {
            if (json is not null && TryBegin(name)) _splice.Write(json);
        }

        /// <summary>The same with what a record knows at a place.</summary>
        public void Fact(string name, DirectoryRecord known, int place)
        {
            if (known.Json[place] is { IsEmpty: false } json && TryBegin(name)) _splice.Write(json);
        }

        /// <inheritdoc cref="Text"/>
        public void Texts(string name, IReadOnlyList<string> values)
        {
            if (values.Count == 0 || !TryBegin(name)) return;
            for (var i = 0; i < values.Count; i++)
            {
                _splice.Write(i == 0 ? "["u8 : ","u8);
                _splice.WriteQuoted(values[i]);
            }

            _splice.Write("]"u8);
        }

        /// <summary>An object inside, the payload's own or a new one.</summary>
        public Members Object(string name) => IsTaken ? this : new(_splice, Find(name), Has(name) ? null : this, name);

        /// <summary>Closes a new object that something was put into.</summary>
        public void Close()
        {
            if (_place is null && _hasAny) _splice.Write("}"u8);
        }

        private bool TryBegin(string name)
        {
            if (IsTaken || Has(name)) return false;
            Begin(name);
            return true;
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
                _splice.Write("{"u8);
            }

            _splice.Write(_hasAny ? ",\""u8 : "\""u8);
            _hasAny = true;
            _splice.Write(name); // Our own names, with nothing to escape.
            _splice.Write("\":"u8);
        }
    }
}
