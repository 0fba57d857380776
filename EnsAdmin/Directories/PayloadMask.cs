using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EnsAdmin.Domain;

namespace EnsAdmin.Directories;

/// <summary>
/// Takes one customer's identifiers out of stored payloads. In a payload that names the customer's id every value goes that is one of the identifiers; in others,
/// which may be about somebody else, only those too long to be there by chance. The number of the InStore profile goes where it stands as such. Names, and what fields
/// were before and after an update, are not kept and cannot be compared: they go from every payload that names the customer. What is masked stays text or number.
/// </summary>
internal sealed partial class PayloadMask
{
    private const int LongEnough = 6;

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
            return Copy(payload, Names(payload));
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

    private bool Names(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("customerId")) continue;
            reader.Read();
            if (Text(ref reader) == _id) return true;
        }

        return false;
    }

    private byte[]? Copy(ReadOnlySpan<byte> payload, bool names)
    {
        var reader = new Utf8JsonReader(payload);
        var masked = new ArrayBufferWriter<byte>(payload.Length + 16);
        var copied = 0;
        var (isData, isId, isInstoreId, isPersonal, inInstore, inUpdated) = (false, false, false, false, 0, 0);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                var depth = reader.CurrentDepth;
                if (depth == 1) isData = reader.ValueTextEquals("data"); // The envelope's ids are nobody's.
                isId = reader.ValueTextEquals("customerId");
                inInstore = reader.ValueTextEquals("instore") ? depth + 1 : depth < inInstore ? 0 : inInstore;
                isInstoreId = depth == inInstore && reader.ValueTextEquals("id");
                inUpdated = reader.ValueTextEquals("updatedFields") ? depth + 2 : depth < inUpdated ? 0 : inUpdated; // Objects in a list.
                isPersonal = names && (reader.ValueTextEquals("firstName") || reader.ValueTextEquals("lastName") || depth == inUpdated && (reader.ValueTextEquals("previousValue") || reader.ValueTextEquals("currentValue")));
                continue;
            }

            if (!isData || isId || Text(ref reader) is not { } text || !isPersonal && !(isInstoreId && text == _instoreId) && !IsIdentifier(text, names)) continue;
            var start = (int)reader.TokenStartIndex;
            masked.Write(payload[copied..start]);
            masked.Write(reader.TokenType == JsonTokenType.Number ? "0"u8 : "\"***\""u8);
            copied = (int)reader.BytesConsumed;
        }

        if (copied == 0) return null;
        masked.Write(payload[copied..]);
        return masked.WrittenSpan.ToArray();
    }

    [GeneratedRegex("[0-9][eE][+-]?[0-9]")]
    private static partial Regex Exponent { get; }

    private bool IsIdentifier(string text, bool names) => SearchWords.Of(text) is { Length: > 0 } word && (names || word.Length >= LongEnough) && _identifiers.Contains(word);

    private static string? Text(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan) is var digits && WholeNumber.Read(digits) is { } whole ? whole.ToString(CultureInfo.InvariantCulture) : digits,
        _ => null,
    };
}
