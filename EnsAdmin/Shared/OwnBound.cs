using Microsoft.AspNetCore.Http.Features;

namespace EnsAdmin.Shared;

/// <summary>For endpoints that count the bytes of a body themselves.</summary>
public static class OwnBound
{
    /// <summary>
    /// Takes the server's limit off this request's body. Beyond the server's, it would cut the connection while the caller still sends, and the answer with it; beyond ours it reads on for a few seconds and throws away.
    /// To be called before anything is read.
    /// </summary>
    public static void UseOwnBound(this HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
    }
}
