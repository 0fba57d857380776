using System.Collections.Concurrent;
using EnsAdmin.Data;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Dispatch;

/// <summary>Keeps the connections of each webhook apart: what one receiver does to its connections touches no other webhook, not even one with the same host.</summary>
public sealed class WebhookConnections(AddressGuard guard, IOptions<DeliveryOptions> options, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<string, HttpMessageInvoker> _pools = new();

    public HttpMessageInvoker Of(string webhookId) => _pools.GetOrAdd(webhookId, _ => Open());

    /// <summary>Lets the connections of deleted webhooks go, those in use once their call has ended.</summary>
    public void Follow(WebhookSet webhooks)
    {
        foreach (var webhookId in _pools.Keys.Where(id => webhooks.Find(id) is null))
        {
            if (_pools.TryRemove(webhookId, out var pool)) pool.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var pool in _pools.Values) pool.Dispose();
    }

    private HttpMessageInvoker Open() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        ConnectCallback = guard.ConnectAsync,
        PlaintextStreamFilter = guard.ConnectedAsync,
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, errors) => CertificateWords.Accept(certificate, errors, time.GetUtcNow()) },
        ConnectTimeout = options.Value.RequestTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // So that a changed address of the receiver is noticed.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(55),
        MaxResponseHeadersLength = 16, // KiB, as much as most clients take; each header read becomes a string of twice its size.
        MaxResponseDrainSize = 0, // What the sender has not read by itself is not worth keeping the connection for.
    });
}
