using System.Net;
using System.Net.Sockets;

namespace EnsAdmin.Hosting;

/// <summary>The addresses that the program listens on, while it has no accounts: this machine's own, and nothing else.</summary>
public static class LoopbackOnly
{
    public const string DefaultUrl = "http://localhost:5080";

    /// <summary>Whether the configuration says nothing of where to listen.</summary>
    public static bool NothingConfigured(IConfiguration configuration) => !Configured(configuration).Any();

    /// <summary>Key, given value, and what would be right, for each configured address that can be reached from elsewhere, or is none.</summary>
    public static IEnumerable<string> Mistakes(IConfiguration configuration) =>
        Configured(configuration).Select(c => Mistake(c.Address) is { } wrong ? $"{c.Key} = \"{c.Given}\": {wrong}" : null).OfType<string>();

    /// <summary>Kestrel finds a taken port out only when the rest of the program is at work; this asks before.</summary>
    /// <exception cref="StartupFailure">Something listens on a configured address, or it is not ours to have.</exception>
    public static void CheckFree(IConfiguration configuration)
    {
        foreach (var (_, _, address) in Configured(configuration))
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

    private static IEnumerable<(string Key, string Given, string Address)> Configured(IConfiguration configuration)
    {
        var urls = Split(configuration["Urls"]).Select(url => ("Urls", url, url)).ToArray();
        var ports = new[] { ("http_ports", "http"), ("https_ports", "https") }.SelectMany(p => Split(configuration[p.Item1]).Select(port => (p.Item1, port, $"{p.Item2}://*:{port}")));
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Where(e => e["Url"] is not null).Select(e => ($"{e.Path}:Url", e["Url"]!, e["Url"]!));
        return (urls.Length > 0 ? urls : ports).Concat(endpoints);
    }

    private static string[] Split(string? list) => list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static string? Mistake(string address)
    {
        const string example = $"as {DefaultUrl}";
        BindingAddress binding;
        try
        {
            binding = BindingAddress.Parse(address);
        }
        catch (FormatException)
        {
            return $"should be an address to listen on, {example}";
        }

        if (binding.Host.Contains(':', StringComparison.Ordinal) && !binding.Host.StartsWith('[')) return $"should be an address to listen on, {example}";
        if (binding.PathBase.Length > 0) return $"should end with its port, {example}";
        if (binding.Port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort) return $"should have a port from {IPEndPoint.MinPort} to {IPEndPoint.MaxPort}, {example}";
        return IsLoopback(binding.Host) ? null : "can be reached from elsewhere; EnsAdmin has no accounts yet, so it listens on this machine alone: use localhost, 127.0.0.1 or [::1]";
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
}
