using System.Net;
using EnsAdmin.Access;
using EnsAdmin.Domain;
using EnsAdmin.People;
using EnsAdmin.Shared;
using Microsoft.Net.Http.Headers;

namespace EnsAdmin.Demo;

/// <summary>Signs whoever opens a page of the demo from this machine in as its admin.</summary>
public static class DemoSignIn
{
    public const int OrgId = 1655;
    private const string Email = "demo@localhost.example";

    /// <summary>Makes the organization and the admin, whose password nobody knows.</summary>
    public static async Task PrepareAsync(IServiceProvider services)
    {
        var errors = await services.GetRequiredService<Setup>().AddAsync(new SetupInput
        {
            Email = Email, Name = "Demo admin", Password = Guid.NewGuid().ToString(), OrgId = FormattableString.Invariant($"{OrgId}"), OrgName = "Harbour Coffee", TimeZone = "UTC",
        }, new Actor("demo"));
        if (errors.Count > 0) throw new InvalidOperationException($"The demo has no admin: {errors[0].Message}");
        // So that there is something to see among the members; nobody can sign in as this one.
        await services.GetRequiredService<Accounts>().AddAsync(new NewAccount("viewer@localhost.example", "Demo viewer", Guid.NewGuid().ToString(), OrgId: OrgId), new Actor("demo"));
        await services.GetRequiredService<InvitationStore>().AddAsync(OrgId, "colleague@localhost.example", Role.Admin, new Actor("demo"));
    }

    /// <summary>After the authentication, before the authorization.</summary>
    public static void UseDemoSignIn(this WebApplication app) => app.Use(async (http, next) =>
    {
        if (http.User.Identity?.IsAuthenticated != true && IsPage(http.Request) && Caller.Address(http) is { } address && IPAddress.IsLoopback(address)
            && await http.RequestServices.GetRequiredService<Accounts>().FindAsync(Email) is { } admin)
        {
            await http.RequestServices.GetRequiredService<EnsSignInManager>().SignInAsync(admin, isPersistent: false);
            http.Response.Redirect(http.Request.Path + http.Request.QueryString);
            return;
        }
        await next(http);
    });

    private static bool IsPage(HttpRequest request) => HttpMethods.IsGet(request.Method) && request.Headers[HeaderNames.Accept].ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
