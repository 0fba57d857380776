using EnsAdmin.Shared;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace EnsAdmin.People;

/// <summary>The sign-in by OpenID Connect: code flow with PKCE, answered by a plain GET, so that its cookies need no HTTPS and follow no other site.</summary>
public static partial class Provider
{
    internal const string Scheme = "provider";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Only where the settings name a provider: otherwise every request would ask for it.</summary>
    public static IServiceCollection AddProvider(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddScoped<ProviderSignIn>().AddSingleton<IValidateOptions<ProviderOptions>, ProviderRules>();
        if (string.IsNullOrEmpty(configuration[$"{ProviderOptions.Section}:{nameof(ProviderOptions.Authority)}"])) return services;
        services.AddAuthentication().AddOpenIdConnect(Scheme, _ => { });
        services.AddOptions<OpenIdConnectOptions>(Scheme).Configure<IOptions<ProviderOptions>, ILoggerFactory>((o, given, logs) => Configure(o, given.Value, logs.CreateLogger(typeof(Provider))));
        return services;
    }

    public static void MapProvider(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<ProviderOptions>>().Value.IsOn) return;
        app.MapGet(Paths.Provider, (HttpContext http, string? returnUrl) => LeadAsync(http, _ => http.ChallengeAsync(Scheme, new() { RedirectUri = Local.Of(returnUrl) }))).AllowAnonymous();
        app.MapGet(Paths.ProviderEnd, (HttpContext http) => LeadAsync(http, async provider =>
        {
            if (string.IsNullOrEmpty(provider.EndSessionEndpoint)) http.Response.Redirect(Paths.SignIn);
            else await http.SignOutAsync(Scheme, new() { RedirectUri = Paths.SignIn });
        })).AllowAnonymous();
    }

    /// <summary>Asks the provider first where its pages are, which it may not answer.</summary>
    private static async Task LeadAsync(HttpContext http, Func<OpenIdConnectConfiguration, Task> lead)
    {
        try
        {
            await lead(await http.RequestServices.GetRequiredService<IOptionsMonitor<OpenIdConnectOptions>>().Get(Scheme).ConfigurationManager!.GetConfigurationAsync(http.RequestAborted));
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException or OpenIdConnectProtocolException)
        {
            Unreachable(http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Provider)), e.GetBaseException().Message);
            http.Response.Redirect($"{Paths.SignIn}?provider=unreachable");
        }
    }

    private static void Configure(OpenIdConnectOptions o, ProviderOptions given, ILogger log)
    {
        (o.Authority, o.ClientId, o.ClientSecret) = (given.Authority, given.ClientId, SecretFile.Read(given.ClientSecretFile) ?? given.ClientSecret);
        o.RequireHttpsMetadata = given.Authority!.StartsWith("https:", StringComparison.OrdinalIgnoreCase); // The settings check lets plain HTTP through to this machine alone.
        (o.ResponseType, o.ResponseMode, o.UsePkce) = (OpenIdConnectResponseType.Code, OpenIdConnectResponseMode.Query, true);
        (o.CallbackPath, o.SignedOutCallbackPath, o.RemoteSignOutPath) = (Paths.Provider + "/answer", Paths.ProviderEnd + "/answer", default);
        (o.SignInScheme, o.SaveTokens, o.MapInboundClaims, o.DisableTelemetry, o.BackchannelTimeout) = (IdentityConstants.ExternalScheme, false, false, true, Patience);
        o.Scope.Clear();
        foreach (var scope in given.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries)) o.Scope.Add(scope);
        // Some providers tell roles here and not in the token.
        o.GetClaimsFromUserInfoEndpoint = true;
        foreach (var claim in new[] { "email", "email_verified", "name", given.RoleClaim, given.OrganizationClaim }.Where(c => !string.IsNullOrEmpty(c))) o.ClaimActions.MapJsonKey(claim!, claim!);
        o.ClaimActions.Remove("iss"); // Its default leaves out what says whose subject this is.
        foreach (var cookie in new[] { o.NonceCookie, o.CorrelationCookie }) (cookie.SameSite, cookie.SecurePolicy) = (SameSiteMode.Lax, CookieSecurePolicy.SameAsRequest);
        o.Events.OnTicketReceived = ReceiveAsync;
        o.Events.OnAccessDenied = context => LeadBack(context, context.Response, "refused");
        o.Events.OnRemoteFailure = context =>
        {
            Failed(log, context.Failure!.Message);
            return LeadBack(context, context.Response, "failed");
        };
        o.Events.OnRedirectToIdentityProviderForSignOut = context =>
        {
            context.ProtocolMessage.ClientId = given.ClientId; // In place of a token, which is not kept.
            return Task.CompletedTask;
        };
    }

    private static async Task ReceiveAsync(TicketReceivedContext context)
    {
        var (http, services) = (context.HttpContext, context.HttpContext.RequestServices);
        context.HandleResponse();
        var (user, refusal) = await services.GetRequiredService<ProviderSignIn>().AdmitAsync(context.Principal!, http.Connection.RemoteIpAddress?.ToString());
        var back = Local.Of(context.ReturnUri);
        if (user is null) http.Response.Redirect($"{Paths.SignIn}?provider={refusal}");
        else http.Response.Redirect((await services.GetRequiredService<EnsSignInManager>().BeginAsync(user)).RequiresTwoFactor ? $"{Paths.SecondFactor}?returnUrl={Uri.EscapeDataString(back)}" : back);
    }

    private static Task LeadBack(HandleRequestContext<RemoteAuthenticationOptions> context, HttpResponse response, string why)
    {
        response.Redirect($"{Paths.SignIn}?provider={why}");
        context.HandleResponse();
        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Warning, "The provider of sign-ins could not be reached, check Ens:OpenIdConnect:Authority: {Why}")]
    private static partial void Unreachable(ILogger log, string why);

    [LoggerMessage(LogLevel.Warning, "A sign-in by the provider failed: {Why}")]
    private static partial void Failed(ILogger log, string why);
}
