using System.Net;
using EnsAdmin.Shared;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Network;

/// <summary>
/// Which hosts a request may ask for. A page elsewhere can have its own name lead to this machine, and would then be of the same origin; it cannot do so
/// with a bare address or with a name of ours.
/// </summary>
internal sealed class KnownHosts(IOptions<NetworkOptions> options, IConfiguration configuration)
{
    private const string Below = "*.";
    private readonly string[] _names = ["localhost", .. HostListAttribute.Read(options.Value.AllowedHosts), .. ListenAddresses.Names(configuration)];

    /// <param name="host">Without the port; empty where the request names none.</param>
    public bool Has(string host) => host.Length == 0 || IPAddress.TryParse(host, out _) || Array.Exists(_names, name => Fits(name, host));

    public static Task RefuseAsync(HttpContext http)
    {
        var why = $"The name {http.Request.Host.Host} is not known here. Whoever keeps this EnsAdmin can add it to {NetworkOptions.Section}:{nameof(NetworkOptions.AllowedHosts)}.";
        if (http.Request.Path.StartsWithSegments("/v3", StringComparison.OrdinalIgnoreCase)) return ApiBody.Fail(StatusCodes.Status400BadRequest, new ApiError(400, why)).ExecuteAsync(http);
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(why);
    }

    private static bool Fits(string name, string host) => name == "*" || (name.StartsWith(Below, StringComparison.Ordinal)
        ? host.EndsWith(name[1..], StringComparison.OrdinalIgnoreCase) : name.Equals(host, StringComparison.OrdinalIgnoreCase));
}
