using System.Text.Json.Serialization;

namespace EnsAdmin.Shared;

/// <summary>The form of every answer of the API: data, or what is wrong.</summary>
public sealed record ApiBody(object? Data, IReadOnlyList<ApiError>? Errors = null, IReadOnlyList<ApiWarning>? Warnings = null)
{
    public static IResult Ok(object data, int status = StatusCodes.Status200OK, IReadOnlyList<ApiWarning>? warnings = null) =>
        Results.Json(new ApiBody(data, null, warnings is { Count: > 0 } ? warnings : null), statusCode: status);

    public static IResult Fail(int status, params IReadOnlyList<ApiError> errors) => Results.Json(new ApiBody(null, errors), statusCode: status);
}

/// <param name="Code">A number of the published list, or the HTTP status.</param>
/// <param name="Pointer">JSON pointer to the place in the request; left out where there is none.</param>
public sealed record ApiError(int Code, string Message, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Pointer = null);

public sealed record ApiWarning(string Message);
