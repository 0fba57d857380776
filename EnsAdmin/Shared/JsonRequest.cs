using System.Text.Json;

namespace EnsAdmin.Shared;

/// <summary>Reads the body of a call that is no event: one JSON object of bounded size.</summary>
public static class JsonRequest
{
    private const int MaxBytes = 1024 * 1024;

    /// <param name="mayBeEmpty">Whether no body at all is an empty object.</param>
    /// <returns>The object, or the answer that refuses it.</returns>
    public static async Task<(JsonElement? Object, IResult? Refused)> ReadAsync(HttpContext http, bool mayBeEmpty = false)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int n; (n = await http.Request.Body.ReadAsync(buffer, http.RequestAborted)) > 0;)
        {
            if (body.Length + n > MaxBytes) return (null, ApiBody.Fail(StatusCodes.Status413PayloadTooLarge, new ApiError(413, $"This request may have at most {MaxBytes} bytes.")));
            body.Write(buffer, 0, n);
        }

        if (body.Length == 0 && mayBeEmpty) return (JsonElement.Parse("{}"u8), null);
        var bytes = body.GetBuffer().AsMemory(0, (int)body.Length);
        if (JsonFaults.Find(bytes.Span) is { } fault) return (null, ApiBody.Fail(StatusCodes.Status400BadRequest, fault));
        var read = JsonElement.Parse(bytes.Span, JsonFaults.Strict);
        return read.ValueKind == JsonValueKind.Object ? (read, null) : (null, ApiBody.Fail(StatusCodes.Status400BadRequest, new ApiError(400, "The request must be a JSON object.", "")));
    }
}
