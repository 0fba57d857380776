using EnsAdmin.Domain;
using EnsAdmin.Shared;

namespace EnsAdmin.Access;

/// <summary>Files for people who are signed in, in plain requests. What is said of pages holds for them: an organization that is none of the visitor's is 404, too small a role 403.</summary>
public static class Files
{
    /// <param name="path">Below the organization's address.</param>
    /// <param name="least">The least role that it opens to.</param>
    /// <param name="answer">Knows the organization from here alone.</param>
    public static void MapOrganizationFile(this IEndpointRouteBuilder routes, string path, Role least, Func<HttpContext, CurrentOrganization, Task> answer) =>
        routes.MapGet($"/o/{{{Paths.OrganizationParameter}:int}}/{path}", async http =>
        {
            var services = http.RequestServices;
            var organization = http.GetRouteValue(Paths.OrganizationParameter) is string text && int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var orgId)
                ? Visitor.Enter(services.GetRequiredService<Sessions>().Find(http.User), services.GetRequiredService<AccessTable>(), orgId) : null;
            if (organization is null) http.Response.StatusCode = StatusCodes.Status404NotFound;
            else if (organization.Role < least) http.Response.StatusCode = StatusCodes.Status403Forbidden;
            else await answer(http, organization);
        });

    /// <summary>A file for operators.</summary>
    public static void MapInstallationFile(this IEndpointRouteBuilder routes, string path, Func<HttpContext, Task> answer) => routes.MapGet(path, async http =>
    {
        if (http.RequestServices.GetRequiredService<Sessions>().Find(http.User) is { IsOperator: true }) await answer(http);
        else http.Response.StatusCode = StatusCodes.Status403Forbidden;
    });
}
