using System.Security.Claims;
using EnsAdmin.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Net.Http.Headers;

namespace EnsAdmin.People;

/// <summary>The cookie of a signed-in person carries the id of a session, and is good as long as that session is.</summary>
public sealed class SessionCookie(Sessions sessions) : CookieAuthenticationEvents
{
    public override async Task SigningIn(CookieSigningInContext context)
    {
        var http = context.HttpContext;
        var userId = context.Principal!.FindFirstValue(ClaimTypes.NameIdentifier)!;
        // A sign-in never takes over the session of who sat here before.
        if (sessions.Find(http.User) is { } before) await sessions.EndAsync(before.Id, before.Session);
        var session = await sessions.BeginAsync(userId, http.Connection.RemoteIpAddress?.ToString(), http.Request.Headers.UserAgent);
        ((ClaimsIdentity)context.Principal!.Identity!).AddClaim(new Claim(Sessions.Claim, session.ToString()));
    }

    public override Task ValidatePrincipal(CookieValidatePrincipalContext context)
    {
        if (sessions.Find(context.Principal) is not null) return Task.CompletedTask;
        context.RejectPrincipal();
        return context.HttpContext.SignOutAsync(context.Scheme.Name);
    }

    public override async Task SigningOut(CookieSigningOutContext context)
    {
        if (sessions.Find(context.HttpContext.User) is { } person) await sessions.EndAsync(person.Id, person.Session);
    }

    /// <summary>Leads a person to the sign-in page, and tells a program the status.</summary>
    public override Task RedirectToLogin(RedirectContext<CookieAuthenticationOptions> context)
    {
        if (IsPage(context.Request)) context.Response.Redirect(context.RedirectUri);
        else context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    public override Task RedirectToAccessDenied(RedirectContext<CookieAuthenticationOptions> context)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    private static bool IsPage(HttpRequest request) => HttpMethods.IsGet(request.Method) && request.Headers[HeaderNames.Accept].ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
