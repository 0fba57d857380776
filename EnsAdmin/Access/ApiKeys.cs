using System.Globalization;
using System.Threading.RateLimiting;
using EnsAdmin.Shared;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Access;

/// <summary>The scope that an endpoint asks of a key.</summary>
public sealed record RequiredScope(string Scope);

/// <summary>API keys in the request pipeline.</summary>
public static class ApiKeys
{
    public const string Scheme = "ApiKey";
    public const string ScopeClaim = "scope";

    /// <summary>Lets requests with a key of this scope through, and no other.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder endpoints, string scope) where TBuilder : IEndpointConventionBuilder =>
        endpoints.RequireAuthorization(new AuthorizationPolicyBuilder(Scheme).RequireAuthenticatedUser().RequireClaim(ScopeClaim, scope).Build()).WithMetadata(new RequiredScope(scope));

    /// <summary>Bounds the requests of each key where the settings ask for it. After the authorization, which knows the key.</summary>
    public static void UseKeyLimits(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<KeyOptions>>().Value.MaxRequestsPerSecond > 0) app.UseRateLimiter();
    }

    internal static void AddScheme(IServiceCollection services)
    {
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(Scheme, null);
        services.AddAuthorization();
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<KeyOptions>>((limiter, keys) =>
        {
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(http => ApiCaller.Of(http) is { } caller
                ? RateLimitPartition.GetTokenBucketLimiter(caller.KeyId, _ => Bucket(keys.Value.MaxRequestsPerSecond))
                : RateLimitPartition.GetNoLimiter(""));
            limiter.OnRejected = (rejected, _) => new ValueTask(TooManyAsync(rejected.HttpContext, rejected.Lease));
        });
    }

    private static TokenBucketRateLimiterOptions Bucket(int perSecond) => new()
    {
        TokenLimit = perSecond, TokensPerPeriod = perSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1), AutoReplenishment = true,
    };

    private static Task TooManyAsync(HttpContext http, RateLimitLease lease)
    {
        var pause = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, Math.Ceiling(after.TotalSeconds)) : 1;
        http.Response.Headers.RetryAfter = pause.ToString(CultureInfo.InvariantCulture);
        return ApiBody.Fail(StatusCodes.Status429TooManyRequests, new ApiError(429, "This key makes more requests than it may in a second; send this again a little later.")).ExecuteAsync(http);
    }
}
