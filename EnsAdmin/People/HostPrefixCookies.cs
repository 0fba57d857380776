using Microsoft.AspNetCore.Authentication.Cookies;

namespace EnsAdmin.People;

/// <summary>Gives a cookie the prefix <c>__Host-</c> where the connection is HTTPS; a browser refuses that name on plain HTTP.</summary>
internal sealed class HostPrefixCookies : ICookieManager
{
    private readonly ChunkingCookieManager _inner = new();

    public string? GetRequestCookie(HttpContext context, string key) => _inner.GetRequestCookie(context, Name(context, key));

    public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options) => _inner.AppendResponseCookie(context, Name(context, key), value, options);

    public void DeleteCookie(HttpContext context, string key, CookieOptions options) => _inner.DeleteCookie(context, Name(context, key), options);

    private static string Name(HttpContext context, string key) => context.Request.IsHttps ? "__Host-" + key : key;
}
