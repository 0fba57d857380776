using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EnsAdmin.Domain;

namespace EnsAdmin.Directories;

/// <summary>
/// Takes one customer's identifiers out of stored payloads. What a payload says of the customer by id goes whatever it is, also where it was known otherwise by then: the
/// InStore profile, cards, identifiers of sources, and by their names first and last name and what fields were before and after an update. Anywhere else those values go
/// that are, or in a payload that names the customer contain, one of the identifiers that are known; where the customer is not named, which may be about somebody else,
/// only those too long to be there by chance. What is masked stays text or number.
/// </summary>
internal sealed partial class PayloadMask
{
    private const int LongEnough = 6;

    /// <summary>Fields of the envelope that are nobody's identifiers.</summary>
    private static readonly string[] OfTheEvent = ["eventName", "eventId", "orgId", "refId", "apiRequestId", "createdAt", "loyaltyEventId", "eventLogId"];

    private static readonly HashSet<string> Sources = [.. IdentifierSources.WithAccounts.Select(s => s.Wire)];

    private readonly string _id;
    private readonly string? _instoreId;
    private readonly HashSet<string> _identifiers = [];
    private readonly SearchValues<string> _any;

    public PayloadMask(DirectoryRecord customer)
    {
        _id = customer.Id.ToString(CultureInfo.InvariantCulture);
        SearchWords.Collect(DirectoryKind.Customers, customer.Values, _identifiers);
        _instoreId = customer.Values[CustomerFields.InstoreId];
        _any = SearchValues.Create([.. _identifiers, _id, _instoreId ?? _id], StringComparison.OrdinalIgnoreCase);
    }

    /// <returns>The payload without them; null where it has none.</returns>
    public byte[]? Apply(ReadOnlySpan<byte> payload)
    {
        // Most payloads are somebody else's: they are not read as JSON. What an escape or an exponent hides is looked at in any case.
        if (payload.IndexOf((byte)'\\') < 0 && Encoding.UTF8.GetString(payload) is var text && !text.AsSpan().ContainsAny(_any) && !Exponent.IsMatch(text)) return null;
        try
        {
            return Copy(payload, Named(payload));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The same for a text of any form, such as a receiver's answer: nothing is left of it where an identifier is in it that is long enough.</summary>
    public bool IsIn(ReadOnlySpan<byte> text)
    {
        var read = Encoding.UTF8.GetString(text);
        return _identifiers.Any(i => i.Length >= LongEnough && read.Contains(i, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Where in the payload the objects begin that name a customer by id, themselves or by their <c>customerIdentifiers</c>, each with whether it is this one.</summary>
    private Dictionary<long, bool> Named(ReadOnlySpan<byte> payload)
    {
        var (named, open, name) = (new Dictionary<long, bool>(), new Stack<(long Start, string Name)>(), "");
        var reader = new Utf8JsonReader(payload);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName) name = reader.GetString()!;
            else if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) open.Push((reader.TokenStartIndex, name));
            else if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray) name = open.Pop().Name;
            else if (name == "customerId")
            {
                var (own, theirs) = (open.Pop(), Text(ref reader) == _id);
                named[own.Start] = theirs;
                if (own.Name == "customerIdentifiers" && open.TryPeek(out var around)) named.TryAdd(around.Start, theirs);
                open.Push(own);
            }
        }

        return named;
    }

    private byte[]? Copy(ReadOnlySpan<byte> payload, Dictionary<long, bool> named)
    {
        var reader = new Utf8JsonReader(payload);
        var masked = new ArrayBufferWriter<byte>(payload.Length + 16);
        var (copied, name, envelope) = (0, "", "");
        var inside = new Stack<(Inside What, string Name)>();
        var names = named.ContainsValue(true);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    name = reader.GetString()!;
                    if (reader.CurrentDepth == 1) envelope = name;
                    continue;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    inside.Push((InsideOf(inside.TryPeek(out var outer) ? outer : default, name, named.TryGetValue(reader.TokenStartIndex, out var theirs) ? theirs : null), name));
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    name = inside.Pop().Name; // The next item of a list is under its list's name.
                    continue;
            }

            if (OfTheEvent.Contains(envelope) || name == "customerId" || Text(ref reader) is not { } text) continue;
            if (!IsTheirs(inside.Peek().What, name, names) && !(inside.Peek() is (_, "instore") && name == "id" && text == _instoreId) && !IsIdentifier(text, names)) continue;
            var start = (int)reader.TokenStartIndex;
            masked.Write(payload[copied..start]);
            masked.Write(reader.TokenType == JsonTokenType.Number ? "0"u8 : "\"***\""u8);
            copied = (int)reader.BytesConsumed;
        }

        if (copied == 0) return null;
        masked.Write(payload[copied..]);
        return masked.WrittenSpan.SequenceEqual(payload) ? null : masked.WrittenSpan.ToArray(); // It may have been masked before.
    }

    /// <param name="isNamed">Whether the object names this customer; null where it names nobody.</param>
    private static Inside InsideOf((Inside What, string Name) outer, string name, bool? isNamed) => outer.What switch
    {
        Inside.Instore or Inside.Source or Inside.Updates => outer.What,
        _ when isNamed is { } named => named ? Inside.Customer : Inside.Another,
        Inside.Another => Inside.Another,
        Inside.Customer or Inside.Around when name == "instore" => Inside.Instore,
        Inside.Customer or Inside.Around when Sources.Contains(name) => Inside.Source,
        _ when name == "updatedFields" => Inside.Updates,
        Inside.Customer => Inside.Around,
        _ => outer.What,
    };

    /// <summary>Whether a value is the customer's by its place.</summary>
    /// <param name="names">Whether the payload names the customer at all.</param>
    private static bool IsTheirs(Inside inside, string name, bool names) => inside switch
    {
        Inside.Instore => true,
        Inside.Source => name == "identifierValue",
        Inside.Updates => names && (name is "previousValue" or "currentValue"),
        Inside.Another => false,
        Inside.Customer when name is "mobile" or "email" or "cardNumber" => true,
        _ => names && (name is "firstName" or "lastName"),
    };

    /// <summary>In what a value stands.</summary>
    private enum Inside
    {
        /// <summary>Nothing that names a customer.</summary>
        Nothing,
        /// <summary>An object that names the customer.</summary>
        Customer,
        /// <summary>An object in such a one that names nobody itself.</summary>
        Around,
        /// <summary>An object that names another customer.</summary>
        Another,
        Instore,
        /// <summary>Another source of that customer.</summary>
        Source,
        Updates,
    }

    [GeneratedRegex("[0-9][eE][+-]?[0-9]")]
    private static partial Regex Exponent { get; }

    private bool IsIdentifier(string text, bool names)
    {
        if (SearchWords.Of(text) is not { Length: > 0 } word) return false;
        if ((names || word.Length >= LongEnough) && _identifiers.Contains(word)) return true;
        return names && _identifiers.Any(i => i.Length >= LongEnough && i.Length < text.Length && Stands(i, text));
    }

    /// <summary>Whether an identifier stands in a text by itself, and not as a part of a longer word or number.</summary>
    private static bool Stands(string identifier, string text)
    {
        for (var at = 0; (at = text.IndexOf(identifier, at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (at + identifier.Length == text.Length || !char.IsLetterOrDigit(text[at + identifier.Length]))) return true;
        return false;
    }

    private static string? Text(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan) is var digits && WholeNumber.Read(digits) is { } whole ? whole.ToString(CultureInfo.InvariantCulture) : digits,
        _ => null,
    };
}
