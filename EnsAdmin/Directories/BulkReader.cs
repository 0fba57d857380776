using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using EnsAdmin.Domain;
using EnsAdmin.Shared;

namespace EnsAdmin.Directories;

/// <summary>Reads the body of a bulk call: an array, one object, or NDJSON; packed with gzip or not.</summary>
internal static class BulkReader
{
    /// <summary>Records of one call: they are written in one transaction, which everybody else waits for.</summary>
    public const int MaxRecords = 1000;

    private const string Ndjson = "application/x-ndjson";

    /// <returns>The records, or the answer that refuses the call; what is wrong is said all at once.</returns>
    public static async Task<(IReadOnlyList<DirectoryChange> Records, IResult? Refused)> ReadAsync(HttpContext http, DirectoryKind kind, int maxBytes)
    {
        var (body, refused) = await BodyAsync(http, maxBytes);
        if (refused is not null) return ([], refused);
        if (body.Span.StartsWith("\uFEFF"u8)) body = body[3..]; // As some programs begin a file.
        var errors = new List<ApiError>();
        var records = http.Request.ContentType?.Contains("ndjson", StringComparison.OrdinalIgnoreCase) == true ? Lines(kind, body, errors) : Array(kind, body, errors);
        if (records.Count == 0 && errors.Count == 0) errors.Add(new ApiError(400, $"There is no {kind.One} in this. Send an array, or one JSON object a line as {Ndjson}.", ""));
        if (records.Count > MaxRecords) errors = [new ApiError(400, string.Create(CultureInfo.InvariantCulture, $"There are {records.Count} {kind.Name} in this; at most {MaxRecords} are taken at once."), "")];
        var seen = new Dictionary<long, string>();
        foreach (var (change, at) in records)
        {
            if (change is null || seen.TryAdd(change.Id, at)) continue;
            errors.Add(new ApiError(400, $"{kind.IdName} {change.Id} is given twice; the first is {seen[change.Id]}.", $"{at}/{kind.IdName}"));
        }

        return errors.Count > 0 ? ([], ApiBody.Fail(StatusCodes.Status400BadRequest, errors)) : ([.. records.Select(r => r.Change!)], null);
    }

    private static List<(DirectoryChange? Change, string At)> Array(DirectoryKind kind, ReadOnlyMemory<byte> body, List<ApiError> errors)
    {
        if (JsonFaults.Find(body.Span) is { } fault)
        {
            errors.Add(fault);
            return [];
        }

        using var json = JsonDocument.Parse(body, JsonFaults.Strict);
        if (json.RootElement.ValueKind != JsonValueKind.Array) return [(RecordReader.Read(kind, json.RootElement, "", errors), "")];
        if (json.RootElement.GetArrayLength() > MaxRecords) return [.. json.RootElement.EnumerateArray().Select(_ => ((DirectoryChange?)null, ""))];
        return [.. json.RootElement.EnumerateArray().Index().Select(i => string.Create(CultureInfo.InvariantCulture, $"/{i.Index}")).Zip(json.RootElement.EnumerateArray(), (at, item) => (RecordReader.Read(kind, item, at, errors), at))];
    }

    /// <summary>The pointer begins with the place of the line, as in an array; the message names the line.</summary>
    private static List<(DirectoryChange? Change, string At)> Lines(DirectoryKind kind, ReadOnlyMemory<byte> body, List<ApiError> errors)
    {
        var records = new List<(DirectoryChange?, string)>();
        var number = 0;
        for (var rest = body; rest.Length > 0;)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            number++;
            if (line.Span.Trim(" \t\r"u8).IsEmpty) continue;
            var at = string.Create(CultureInfo.InvariantCulture, $"/{records.Count}");
            if (records.Count >= MaxRecords)
            {
                records.Add((null, at));
                continue;
            }

            var found = new List<ApiError>();
            DirectoryChange? change = null;
            if (JsonFaults.Find(line.Span) is { } fault) found.Add(fault with { Pointer = at + fault.Pointer });
            else
            {
                using var json = JsonDocument.Parse(line, JsonFaults.Strict);
                change = RecordReader.Read(kind, json.RootElement, at, found);
            }

            errors.AddRange(found.Select(e => e with { Message = string.Create(CultureInfo.InvariantCulture, $"Line {number}: {e.Message}") }));
            records.Add((change, at));
        }

        return records;
    }

    private static async Task<(ReadOnlyMemory<byte> Body, IResult? Refused)> BodyAsync(HttpContext http, int maxBytes)
    {
        http.UseOwnBound();
        var packed = http.Request.Headers.ContentEncoding.ToString();
        if (packed.Length > 0 && !packed.Equals("gzip", StringComparison.OrdinalIgnoreCase)) return (default, ApiBody.Fail(StatusCodes.Status415UnsupportedMediaType, new ApiError(415, $"Content-Encoding '{packed}' is not taken; gzip is.")));
        var tooLarge = ApiBody.Fail(StatusCodes.Status413PayloadTooLarge, new ApiError(413, string.Create(CultureInfo.InvariantCulture, $"This call may have at most {maxBytes} bytes, unpacked.")));
        if (http.Request.ContentLength > maxBytes) return (default, tooLarge);
        if (await ReadAsync(http.Request.Body, maxBytes, http.RequestAborted) is not { } sent) return (default, tooLarge);
        if (packed.Length == 0) return (sent, null);
        try
        {
            await using var unpacking = new GZipStream(new MemoryStream(sent.Array!, 0, sent.Count), CompressionMode.Decompress);
            if (await ReadAsync(unpacking, maxBytes, http.RequestAborted) is not { } body) return (default, tooLarge);
            // It ends with how much was packed; the stream takes what was cut off for the end.
            if (sent.Count >= 4 && BinaryPrimitives.ReadInt32LittleEndian(sent.AsSpan()[^4..]) == body.Count) return (body, null);
        }
        catch (InvalidDataException)
        {
        }

        return (default, ApiBody.Fail(StatusCodes.Status400BadRequest, new ApiError(400, "The body is not one whole gzip, though Content-Encoding says so: it is something else, cut off, or several put together.")));
    }

    /// <returns>Null where there is more.</returns>
    private static async Task<ArraySegment<byte>?> ReadAsync(Stream stream, int maxBytes, CancellationToken cancel)
    {
        using var read = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int n; (n = await stream.ReadAsync(buffer, cancel)) > 0;)
        {
            if (read.Length + n > maxBytes) return null;
            read.Write(buffer, 0, n);
        }

        return new(read.GetBuffer(), 0, (int)read.Length);
    }
}
