using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using EnsAdmin.Catalog;
using EnsAdmin.Data;
using EnsAdmin.Enrichment;
using EnsAdmin.Shared;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Ingestion;

/// <summary>
/// Reads published events: the envelope, the event type, the schema. What the producer left out of the envelope is put in front of what it sent;
/// everything else goes on byte for byte.
/// </summary>
public sealed class EventReader(EventCatalog catalog, FragmentReader fragments, IOptions<IngestionOptions> options, TimeProvider time)
{
    private const int MaxIdLength = 128;
    private const int MostKept = 64 * 1024;
    private const long MaxEpochMs = 253_402_300_799_999; // The last millisecond of the year 9999.

    // One a thread, so that its memory is there already.
    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? _toHash;

    /// <summary>Reads a request body, one event or an array.</summary>
    /// <param name="requestId">The request's own id, for events that carry no apiRequestId.</param>
    /// <param name="wantsFragments">Whether the fragments of events of this name are of use to anybody.</param>
    public (IReadOnlyList<PublishedEvent> Events, bool IsArray, IngestResult? Refusal) Read(ReadOnlyMemory<byte> body, int orgId, string requestId, Func<string, bool> wantsFragments)
    {
        var errors = new List<ApiError>();
        var events = new List<PublishedEvent>();
        // The parser lets such bytes through, and the receiver would get them.
        if (!Utf8.IsValid(body.Span) && JsonFaults.Find(body.Span) is { } fault) return ([], false, new IngestResult.Invalid([fault]));
        try
        {
            using var document = JsonDocument.Parse(body, JsonFaults.Strict);
            var root = document.RootElement;
            var isArray = root.ValueKind == JsonValueKind.Array;
            if (isArray && root.GetArrayLength() == 0) errors.Add(new ApiError(400, "The array holds no event.", ""));
            var index = 0;
            foreach (var element in isArray ? root.EnumerateArray().AsEnumerable() : [root])
            {
                var pointer = isArray ? string.Create(CultureInfo.InvariantCulture, $"/{index++}") : "";
                var bytes = JsonMarshal.GetRawUtf8Value(element).Length;
                if (bytes > options.Value.MaxEventBytes)
                    return ([], isArray, new IngestResult.TooLarge(new ApiError(413, $"The event has {bytes} bytes; at most {options.Value.MaxEventBytes} are allowed.", pointer)));
                if (ReadOne(element, orgId, requestId, wantsFragments, pointer, errors) is { } read) events.Add(read);
            }

            return (events, isArray, errors.Count == 0 ? null : new IngestResult.Invalid(errors));
        }
        catch (Exception e) when ((e is InvalidOperationException or JsonException) && JsonFaults.Find(body.Span) is not null)
        {
            return ([], false, new IngestResult.Invalid([JsonFaults.Find(body.Span)!]));
        }
    }

    private PublishedEvent? ReadOne(JsonElement sent, int orgId, string requestId, Func<string, bool> wantsFragments, string at, List<ApiError> errors)
    {
        if (sent.ValueKind != JsonValueKind.Object)
        {
            errors.Add(new ApiError(400, "An event must be a JSON object.", at));
            return null;
        }

        var before = errors.Count;
        byte[] fingerprint;
        string? eventName, eventId, refId, apiRequestId;
        try
        {
            fingerprint = Fingerprint(sent);
            eventName = Text(sent, "eventName", at, errors);
            eventId = Text(sent, "eventId", at, errors);
            refId = Text(sent, "refId", at, errors);
            apiRequestId = Text(sent, "apiRequestId", at, errors);
        }
        catch (Exception e) when ((e is InvalidOperationException or ArgumentException) && JsonFaults.Find(JsonMarshal.GetRawUtf8Value(sent)) is not null)
        {
            var fault = JsonFaults.Find(JsonMarshal.GetRawUtf8Value(sent))!;
            errors.Add(fault with { Pointer = at + fault.Pointer });
            return null;
        }

        var type = eventName is null ? null : catalog.Find(eventName);
        if (eventName is null)
        {
            if (!sent.TryGetProperty("eventName", out _)) errors.Add(new ApiError(400, "eventName is required, but missing.", $"{at}/eventName"));
        }
        else if (type is null)
        {
            var near = catalog.Nearest(eventName) is { Count: > 0 } names ? $" Did you mean {string.Join(" or ", names)}?" : "";
            errors.Add(new ApiError(400, $"There is no event type '{eventName}'.{near}", $"{at}/eventName"));
        }

        if (sent.TryGetProperty("orgId", out var org) && !(org.ValueKind == JsonValueKind.Number && org.TryGetInt64(out var given) && given == orgId))
            errors.Add(new ApiError(400, string.Create(CultureInfo.InvariantCulture, $"orgId must be the number {orgId}, this organization's own; it may be left out."), $"{at}/orgId"));
        var occurredAt = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (sent.TryGetProperty("createdAt", out var created) && !(created.ValueKind == JsonValueKind.Number && created.TryGetInt64(out occurredAt) && occurredAt is >= 0 and <= MaxEpochMs))
            errors.Add(new ApiError(400, "createdAt must be a number, the milliseconds since 1970 (UTC).", $"{at}/createdAt"));
        if (type is null) return null;

        eventId ??= Guid.NewGuid().ToString();
        apiRequestId ??= requestId;
        var raw = JsonMarshal.GetRawUtf8Value(sent);
        var body = Complete(sent, raw, eventId, orgId, apiRequestId, occurredAt);
        using var completed = body.Length == raw.Length ? null : JsonDocument.Parse(body, JsonFaults.Strict);
        var whole = completed?.RootElement ?? sent;
        if (catalog.Validate(type.Name, whole) is { Count: > 0 } broken) Add(broken, at, before, errors);
        if (errors.Count > before) return null;
        var message = new NewEvent(orgId, eventId, type.Name, refId, apiRequestId, DateTimeOffset.FromUnixTimeMilliseconds(occurredAt).UtcTicks, fingerprint, body);
        return wantsFragments(type.Name) ? new PublishedEvent(message, true, fragments.Read(type.Name, whole, apiRequestId)) : new PublishedEvent(message, false, null);
    }

    /// <summary>Adds what the schema finds, except where the envelope's own rules have said so.</summary>
    private static void Add(IReadOnlyList<SchemaError> broken, string at, int before, List<ApiError> errors)
    {
        var said = errors.Skip(before).Select(e => e.Pointer).ToHashSet();
        errors.AddRange(broken.Distinct().Where(e => !said.Contains(at + e.Pointer)).Select(e => new ApiError(400, $"{Subject(e.Pointer)} {e.Message}.", at + e.Pointer)));
    }

    /// <summary>A field by the way to it, as in <c>data.coupons[0].code</c>.</summary>
    private static string Subject(string pointer) => pointer.Length == 0 ? "An event" : string.Concat(pointer[1..].Split('/').Select((token, i) =>
        token.All(char.IsAsciiDigit) ? $"[{token}]" : (i == 0 ? "" : ".") + token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)));

    private static string? Text(JsonElement sent, string name, string at, List<ApiError> errors)
    {
        if (!sent.TryGetProperty(name, out var value)) return null;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : null;
        if (text is { Length: > 0 and <= MaxIdLength } && !text.Any(char.IsControl)) return text;
        errors.Add(new ApiError(400, $"{name} must be text of 1 to {MaxIdLength} characters without control characters.", $"{at}/{name}"));
        return null;
    }

    /// <summary>The producer's bytes, with the missing members of the envelope in front.</summary>
    private static byte[] Complete(JsonElement sent, ReadOnlySpan<byte> raw, string eventId, int orgId, string apiRequestId, long createdAt)
    {
        var missing = new StringBuilder();
        void Add(string name, string json)
        {
            if (!sent.TryGetProperty(name, out _)) missing.Append('"').Append(name).Append("\":").Append(json).Append(',');
        }

        Add("eventId", JsonSerializer.Serialize(eventId));
        Add("orgId", orgId.ToString(CultureInfo.InvariantCulture));
        Add("apiRequestId", JsonSerializer.Serialize(apiRequestId));
        Add("createdAt", createdAt.ToString(CultureInfo.InvariantCulture));
        return missing.Length == 0 ? raw.ToArray() : [(byte)'{', .. Encoding.UTF8.GetBytes(missing.ToString()), .. raw[1..]];
    }

    /// <summary>Equal for the same JSON whatever its white space and escapes.</summary>
    /// <exception cref="InvalidOperationException">A string is not valid Unicode.</exception>
    private static byte[] Fingerprint(JsonElement sent)
    {
        var (buffer, writer) = _toHash ??= New();
        buffer.ResetWrittenCount();
        writer.Reset();
        sent.WriteTo(writer);
        writer.Flush();
        var fingerprint = SHA256.HashData(buffer.WrittenSpan);
        if (buffer.Capacity > MostKept) _toHash = null;
        return fingerprint;

        static (ArrayBufferWriter<byte>, Utf8JsonWriter) New()
        {
            var buffer = new ArrayBufferWriter<byte>(4096);
            return (buffer, new Utf8JsonWriter(buffer));
        }
    }
}

/// <summary>An event as it was read.</summary>
/// <param name="WasSearched">Whether its fragments were looked for.</param>
/// <param name="Fragments">Null for none.</param>
public sealed record PublishedEvent(NewEvent Message, bool WasSearched, EventFragments? Fragments);
