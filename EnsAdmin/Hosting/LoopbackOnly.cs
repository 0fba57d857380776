using System.Net;
using System.Net.Sockets;

namespace EnsAdmin.Hosting;

/// <summary>The addresses that the program listens on, while it has no accounts: this machine's own, and nothing else.</summary>
public static class LoopbackOnly
{
    public const string DefaultUrl = "http://localhost:5080";

    /// <summary>Whether the configuration says nothing of where to listen.</summary>
    public static bool NothingConfigured(IConfiguration configuration) => !Configured(configuration).Any();

    /// <exception cref="StartupFailure">Some configured address can be reached from elsewhere, or is none.</exception>
    public static void Check(IConfiguration configuration)
    {
        foreach (var address in Configured(configuration)) Check(address);
    }

    /// <summary>Kestrel finds a taken port out only when the rest of the program is at work; this asks before.</summary>
    /// <exception cref="StartupFailure">Something listens on a configured address, or it is not ours to have.</exception>
    public static void CheckFree(IConfiguration configuration)
    {
        foreach (var address in Configured(configuration))
        {
            var binding = BindingAddress.Parse(address);
            IPAddress[] places = IPAddress.TryParse(binding.Host, out var ip) ? [ip] : [IPAddress.Loopback, IPAddress.IPv6Loopback];
            foreach (var place in places) CheckFree(address, new IPEndPoint(place, binding.Port));
        }
    }

    private static void CheckFree(string address, IPEndPoint place)
    {
        try
        {
            using var probe = new TcpListener(place);
            probe.Start();
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            throw new StartupFailure($"EnsAdmin cannot listen on {address}: {e.Message}. {StartupFailure.AnotherAddress}", e);
        }
        catch (SocketException)
        {
            // A machine without IPv6, for one, which Kestrel can do without.
        }
    }

    private static IEnumerable<string> Configured(IConfiguration configuration)
    {
        var urls = Split(configuration["Urls"]);
        var ports = Split(configuration["http_ports"]).Select(p => $"http://*:{p}").Concat(Split(configuration["https_ports"]).Select(p => $"https://*:{p}"));
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"]).OfType<string>();
        return (urls.Length > 0 ? urls : ports).Concat(endpoints);
    }

    private static string[] Split(string? list) => list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static void Check(string address)
    {
        BindingAddress binding;
        try
        {
            binding = BindingAddress.Parse(address);
        }
        catch (FormatException e)
        {
            throw new StartupFailure($"{address} is not an address to listen on; write it as {DefaultUrl}.", e);
        }
        if (binding.PathBase.Length > 0) throw new StartupFailure($"{address} has a path; an address to listen on ends with its port, as {DefaultUrl}.");
        if (!IsLoopback(binding.Host))
            throw new StartupFailure($"EnsAdmin does not listen on {address}: it has no accounts yet, so only this machine may reach it. Use localhost, 127.0.0.1 or [::1].");
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
}
