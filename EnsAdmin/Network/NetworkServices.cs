using System.Net;
using EnsAdmin.Access;
using EnsAdmin.Shared;
using EnsAdmin.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Network;

/// <summary>How callers reach the program, and how much of it one of them can use up.</summary>
public static class NetworkServices
{
    public static IServiceCollection AddNetwork(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<HttpsOptions>, HttpsRules>().AddSingleton<ServerCertificate>().AddHostedService(s => s.GetRequiredService<ServerCertificate>());
        services.AddSingleton<KnownHosts>().AddSingleton<FailedSignIns>().AddSingleton<OpenPages>().AddScoped<CircuitHandler, CountedPage>();
        services.RemoveAll<IMultiplexedConnectionListenerFactory>(); // HTTP/3 can't change its certificate while it listens.
        services.AddOptions<KestrelServerOptions>().Configure<ServerCertificate, IOptions<LimitOptions>>(Configure);
        services.AddRequestTimeouts();
        services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<LimitOptions>>((timeouts, limits) => timeouts.DefaultPolicy = new() { Timeout = limits.Value.RequestTimeout });
        services.AddOptions<CircuitOptions>().Configure<IOptions<LimitOptions>>((circuits, limits) =>
        {
            circuits.DisconnectedCircuitMaxRetained = circuits.PersistedCircuitInMemoryMaxRetained = limits.Value.MaxLostPages;
            circuits.DisconnectedCircuitRetentionPeriod = limits.Value.LostPageLifetime;
            circuits.MaxBufferedUnacknowledgedRenderBatches = limits.Value.MaxWaitingRenders;
            circuits.JSInteropDefaultCallTimeout = limits.Value.ScriptTimeout;
        });
        services.AddOptions<HubOptions>().Configure<IOptions<LimitOptions>>((hub, limits) => hub.MaximumReceiveMessageSize = limits.Value.MaxPageMessageKilobytes * 1024);
        return services;
    }

    /// <summary>Before everything else: who calls, by which name, and what the answer carries.</summary>
    public static void UseNetwork(this WebApplication app)
    {
        UseProxies(app);
        SecurityHeaders.Use(app);
        var hosts = app.Services.GetRequiredService<KnownHosts>();
        app.Use((http, next) => hosts.Has(http.Request.Host.Host) ? next(http) : KnownHosts.RefuseAsync(http));
    }

    /// <summary>After the authentication, before anything is done for the caller.</summary>
    public static void UsePageLimits(this WebApplication app)
    {
        var (pages, sessions, failed) = (app.Services.GetRequiredService<OpenPages>(), app.Services.GetRequiredService<Sessions>(), app.Services.GetRequiredService<FailedSignIns>());
        app.Use(async (http, next) =>
        {
            if (HttpMethods.IsPost(http.Request.Method) && IsStatic(http) == true)
            {
                var address = http.Connection.RemoteIpAddress;
                if (failed.Begin(address) is { } wait)
                {
                    http.Response.Headers.RetryAfter = FormattableString.Invariant($"{Math.Ceiling(wait.TotalSeconds):0}");
                    await AnswerAsync(http, StatusCodes.Status429TooManyRequests, "Too many tries", "Too much went wrong from your network address. Wait five minutes, then try again.");
                    return;
                }

                await next(http);
                // What goes right leads on to another page.
                if (http.Response.StatusCode == StatusCodes.Status302Found) failed.TakeBack(address);
                return;
            }

            if (IsPage(http) && sessions.Find(http.User) is { } person && pages.Full(person.Id) is { } full) await AnswerAsync(http, StatusCodes.Status429TooManyRequests, "Too many pages are open", full);
            else await next(http);
        });
    }

    private static bool IsPage(HttpContext http) => HttpMethods.IsGet(http.Request.Method) && IsStatic(http) == false;

    /// <summary>Whether the page is one of those that let people in, which only are static; null where it is none. An address can be written in many ways, a page is one.</summary>
    private static bool? IsStatic(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>()?.Type.IsDefined(typeof(ExcludeFromInteractiveRoutingAttribute), inherit: true);

    private static Task AnswerAsync(HttpContext http, int status, string title, string text)
    {
        http.Response.StatusCode = status;
        return new RazorComponentResult<ErrorDocument>(new { Title = title, Text = text }) { StatusCode = status }.ExecuteAsync(http);
    }

    private static void UseProxies(WebApplication app)
    {
        var proxies = NetworkListAttribute.Read(app.Services.GetRequiredService<IOptions<NetworkOptions>>().Value.Proxies)!;
        if (proxies.Count > 0)
        {
            // Each hop is believed as long as it is one of ours.
            var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost, ForwardLimit = null };
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var proxy in proxies) forwarded.KnownIPNetworks.Add(proxy);
            app.UseForwardedHeaders(forwarded);
        }

        // A socket for both kinds of addresses writes those of IPv4 in a long form, which no rule and no reader expects.
        app.Use((http, next) =>
        {
            if (http.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped) http.Connection.RemoteIpAddress = mapped.MapToIPv4();
            return next(http);
        });
    }

    private static void Configure(KestrelServerOptions kestrel, ServerCertificate certificate, IOptions<LimitOptions> options)
    {
        var limits = options.Value;
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = limits.MaxConnections;
        kestrel.Limits.MaxConcurrentUpgradedConnections = limits.MaxConnections;
        kestrel.Limits.RequestHeadersTimeout = limits.HeadTimeout;
        kestrel.Limits.MaxRequestHeadersTotalSize = limits.MaxHeadKilobytes * 1024;
        kestrel.Limits.MaxRequestBodySize = limits.MaxBodyKilobytes * 1024L;
        if (!certificate.IsConfigured) return;
        kestrel.ConfigureHttpsDefaults(https =>
        {
            https.SslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13;
            // Asked for, so that nobody looks for a certificate elsewhere; what counts is set below, with all that leads to its root.
            https.ServerCertificateSelector = (_, _) => certificate.Current!.TargetCertificate;
            https.OnAuthenticate = (_, tls) => (tls.ServerCertificateContext, tls.ServerCertificateSelectionCallback) = (certificate.Current, null);
        });
    }
}
