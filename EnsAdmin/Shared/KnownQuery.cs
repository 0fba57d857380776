namespace EnsAdmin.Shared;

/// <summary>The parameters that a call takes in its address.</summary>
public static class KnownQuery
{
    /// <summary>Refuses any that the handler has no parameter for: a misspelt filter would give everything.</summary>
    public static TBuilder RefuseUnknownQuery<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointConventionBuilder => endpoints.AddEndpointFilterFactory((call, next) =>
    {
        var values = call.MethodInfo.GetParameters().Where(p => p.ParameterType == typeof(string) || (p.ParameterType.IsValueType && p.ParameterType != typeof(CancellationToken))).Select(p => p.Name!).ToArray();
        return http =>
        {
            var known = values.Where(name => !http.HttpContext.Request.RouteValues.ContainsKey(name)).ToArray();
            var unknown = http.HttpContext.Request.Query.Keys.Where(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase)).ToArray();
            return unknown.Length == 0 ? next(http) : ValueTask.FromResult<object?>(ApiBody.Fail(StatusCodes.Status400BadRequest, [.. unknown.Select(name => new ApiError(400, Words(name, known)))]));
        };
    });

    private static string Words(string name, string[] known) => known.Length == 0 ? $"There is no parameter '{name}'; this call takes none."
        : Nearest.To(name, known) is { } meant ? $"There is no parameter '{name}'; did you mean {meant}?" : $"There is no parameter '{name}'; there are {string.Join(", ", known)}.";
}
