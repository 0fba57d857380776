using System.Net;

namespace EnsAdmin.Shared;

/// <summary>Where a request comes from.</summary>
public static class Caller
{
    /// <summary>
    /// The address of whoever asks, which a proxy of ours may have told. Null where somebody else says that they forward for another: then nobody knows, and
    /// a rule for this machine or for some networks must not hold.
    /// </summary>
    public static IPAddress? Address(HttpContext http)
    {
        var headers = http.Request.Headers;
        return headers.ContainsKey("Forwarded") || headers.ContainsKey("X-Forwarded-For") ? null : http.Connection.RemoteIpAddress;
    }
}
