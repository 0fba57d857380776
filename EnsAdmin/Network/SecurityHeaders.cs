using Microsoft.Extensions.Options;

namespace EnsAdmin.Network;

/// <summary>
/// What browsers are told to refuse. Scripts come from files of ours alone; styles may stand in the page, since MudBlazor places its menus and colours its
/// parts by style attributes.
/// </summary>
internal static class SecurityHeaders
{
    public const string OfPages = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";
    public const string OfApi = "default-src 'none'; frame-ancestors 'none'";

    private const string Nothing = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

    public static void Use(WebApplication app)
    {
        var days = app.Services.GetRequiredService<IOptions<HttpsOptions>>().Value.HstsDays;
        var hsts = days == 0 ? null : FormattableString.Invariant($"max-age={TimeSpan.FromDays(days).TotalSeconds:0}");
        app.Use((http, next) =>
        {
            // A failed page is begun anew, without the headers of the first try: there they are set last.
            if (http.Request.Path.StartsWithSegments("/v3", StringComparison.OrdinalIgnoreCase)) SetForApi(http.Response.Headers, hsts, http.Request.IsHttps);
            else http.Response.OnStarting(() => SetForPages(http, hsts));
            return next(http);
        });
    }

    private static void SetForApi(IHeaderDictionary headers, string? hsts, bool https)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = OfApi;
        headers.ContentDisposition = "attachment; filename=\"api.json\""; // Whoever is led to open one gets a file, and no page.
        if (https && hsts is not null) headers.StrictTransportSecurity = hsts;
    }

    private static Task SetForPages(HttpContext http, string? hsts)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = OfPages;
        headers.XFrameOptions = "DENY";
        headers["Permissions-Policy"] = Nothing;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.TryAdd("Referrer-Policy", "same-origin"); // Pages of one-time links say more.
        if (http.Request.IsHttps && hsts is not null) headers.StrictTransportSecurity = hsts;
        var isAsset = http.GetEndpoint()?.Metadata.GetMetadata<Microsoft.AspNetCore.StaticAssets.StaticAssetDescriptor>() is not null;
        if (!isAsset) headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }
}
