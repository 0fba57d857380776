using EnsAdmin.Access;
using EnsAdmin.Shared;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace EnsAdmin.People;

/// <summary>What pages ask for in plain requests: to sign out, and what a browser's authenticator needs. All of it only with the page's antiforgery token.</summary>
public static class PeopleEndpoints
{
    private const int MaxCredentialBytes = 64 * 1024;

    public static void MapPeople(this WebApplication app)
    {
        var pages = app.MapGroup("").AddEndpointFilter(async (call, next) =>
            await call.HttpContext.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(call.HttpContext) ? await next(call) : Results.BadRequest());
        pages.MapPost(Paths.SignOut, async (HttpContext http, Sessions sessions, SecondFactor factors, IOptions<ProviderOptions> provider, EnsSignInManager manager) =>
        {
            // Whether to leave the provider too is asked on the next page: that is for all programs that it signs in to.
            var isProvided = provider.Value.IsOn && sessions.Find(http.User) is { } person && (await factors.OfAsync(person.Id)).IsProvided;
            await manager.SignOutAsync();
            return Results.LocalRedirect(isProvided ? $"{Paths.SignIn}?left=true" : Paths.SignIn);
        }).AllowAnonymous();
        pages.MapPost(Paths.PasskeyRequest, async (EnsSignInManager manager) => Json(await manager.MakePasskeyRequestOptionsAsync(null))).AllowAnonymous();
        pages.MapPost(Paths.PasskeyCreation, BeginPasskeyAsync);
        pages.MapPost(Paths.Passkeys, AddPasskeyAsync);
    }

    // A passkey alone lets in: who sits down at somebody's open page must not leave with one. It can be added only in the ceremony that begins here.
    private static async Task<IResult> BeginPasskeyAsync(HttpContext http, Sessions sessions, SecondFactor factors, EnsSignInManager manager)
    {
        if (sessions.Find(http.User) is not { } person) return Results.Unauthorized();
        var password = http.Request.HasFormContentType ? (await http.Request.ReadFormAsync(http.RequestAborted))["password"].ToString() : "";
        if ((await factors.ConfirmAsync(person.Id, password)).Count > 0) return Results.StatusCode(StatusCodes.Status403Forbidden);
        return Json(await manager.MakePasskeyCreationOptionsAsync(new() { Id = person.Id, Name = person.Email, DisplayName = person.Name }));
    }

    private static async Task<IResult> AddPasskeyAsync(HttpContext http, Sessions sessions, EnsSignInManager manager, SecondFactor factors)
    {
        if (sessions.Find(http.User) is not { } person) return Results.Unauthorized();
        if (http.Request.ContentLength is not (> 0 and <= MaxCredentialBytes)) return Results.BadRequest();
        using var reader = new StreamReader(http.Request.Body);
        var made = await manager.MadePasskeyAsync(await reader.ReadToEndAsync(http.RequestAborted));
        if (made is not { Succeeded: true } || made.UserEntity.Id != person.Id) return Results.BadRequest();
        var errors = await factors.AddPasskeyAsync(person.Id, made.Passkey, http.Request.Query["name"], person.Actor);
        return errors.Count == 0 ? Results.NoContent() : Results.BadRequest();
    }

    private static IResult Json(string options) => Results.Content(options, "application/json");
}
