using EnsAdmin.Access;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace EnsAdmin.People;

public static class PeopleServices
{
    private const int HashIterations = 210_000;

    /// <summary>Accounts, sign-in and sessions; every endpoint that says nothing else is for who is signed in.</summary>
    public static IServiceCollection AddPeople(this IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies();
        services.AddAuthorization(o => o.FallbackPolicy = new AuthorizationPolicyBuilder(IdentityConstants.ApplicationScheme).RequireAuthenticatedUser().Build());
        services.AddIdentityCore<EnsUser>(Rules).AddUserStore<EnsUserStore>().AddUserManager<EnsUserManager>().AddSignInManager<EnsSignInManager>()
            .AddPasswordValidator<PasswordRules>().AddTokenProvider<Totp>(TokenOptions.DefaultAuthenticatorProvider);
        services.AddScoped<EnsUserStore>();
        services.Configure<PasswordHasherOptions>(o => o.IterationCount = HashIterations);
        services.Configure<IdentityPasskeyOptions>(o =>
        {
            // A passkey is let in without a second factor: it has to be one itself.
            o.UserVerificationRequirement = "required";
            o.ResidentKeyRequirement = "required";
        });
        services.ConfigureAll<CookieAuthenticationOptions>(ConfigureCookie);
        services.Configure<CookieAuthenticationOptions>(IdentityConstants.ApplicationScheme, o =>
        {
            o.Cookie.Name = "ens-session";
            o.EventsType = typeof(SessionCookie);
            o.ExpireTimeSpan = Sessions.Idle;
            (o.LoginPath, o.ReturnUrlParameter) = (Paths.SignIn, "returnUrl");
        });
        services.Configure<CookieAuthenticationOptions>(IdentityConstants.TwoFactorUserIdScheme, o => o.Cookie.Name = "ens-second-factor");
        services.AddAntiforgery(o => (o.Cookie.Name, o.Cookie.SameSite, o.Cookie.SecurePolicy) = ("ens-antiforgery", SameSiteMode.Strict, CookieSecurePolicy.SameAsRequest));
        services.AddScoped<SessionCookie>().AddScoped<SignIns>();
        services.AddScoped<AuthenticationStateProvider, CircuitSession>();
        return services.AddSingleton<Totp>().AddSingleton<Accounts>().AddSingleton<SecondFactor>().AddSingleton<Setup>().AddSingleton<Bootstrap>().AddSingleton<MemberStore>().AddSingleton<Mailer>().AddSingleton<IValidateOptions<SmtpOptions>, SmtpRules>().AddSingleton<InvitationStore>();
    }

    private static void Rules(IdentityOptions o)
    {
        o.User.RequireUniqueEmail = true;
        o.User.AllowedUserNameCharacters = ""; // The address is the name, and has been looked at.
        o.Lockout.MaxFailedAccessAttempts = 5;
        o.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(5);
        // PasswordRules says what a password has to be.
        (o.Password.RequiredLength, o.Password.RequireDigit, o.Password.RequireLowercase) = (1, false, false);
        (o.Password.RequireUppercase, o.Password.RequireNonAlphanumeric) = (false, false);
    }

    private static void ConfigureCookie(CookieAuthenticationOptions o)
    {
        o.Cookie.HttpOnly = true;
        o.Cookie.SameSite = SameSiteMode.Lax;
        o.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        o.CookieManager = new HostPrefixCookies();
    }
}
