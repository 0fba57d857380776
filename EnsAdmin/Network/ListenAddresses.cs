using System.Net;
using System.Net.Sockets;

namespace EnsAdmin.Network;

/// <summary>An address to listen on cannot be had, for the reason in the message.</summary>
public sealed class AddressNotFreeException(string message, Exception inner) : Exception(message, inner);

/// <summary>The addresses that the configuration has the program listen on. Others than this machine's own need an operator to be there.</summary>
public static class ListenAddresses
{
    public const string DefaultUrl = "http://localhost:5080";

    /// <summary>How to end the line about an address that cannot be had.</summary>
    public const string AnotherAddress = "Stop what listens there, or start with another --urls.";

    /// <summary>Whether the configuration says nothing of where to listen.</summary>
    public static bool NothingConfigured(IConfiguration configuration) => !Configured(configuration).Any();

    /// <summary>Key, given value, and what would be right, for each that is none.</summary>
    public static IEnumerable<string> Mistakes(IConfiguration configuration) =>
        Configured(configuration).Select(c => Mistake(c.Address) is { } wrong ? $"{c.Key} = \"{c.Given}\": {wrong}" : null).OfType<string>();

    /// <summary>Key and given value of each that can be reached from elsewhere.</summary>
    public static IEnumerable<string> Reachable(IConfiguration configuration) =>
        Configured(configuration).Where(c => !IsLoopback(BindingAddress.Parse(c.Address).Host)).Select(c => $"{c.Key} = \"{c.Given}\"");

    /// <summary>Whether anything that others can reach speaks plain HTTP.</summary>
    public static bool AnyReachableInPlain(IConfiguration configuration) =>
        Configured(configuration).Any(c => c.Address.StartsWith("http:", StringComparison.OrdinalIgnoreCase) && !IsLoopback(BindingAddress.Parse(c.Address).Host));

    /// <summary>The names among them, which requests may therefore ask for.</summary>
    public static IEnumerable<string> Names(IConfiguration configuration) =>
        Configured(configuration).Select(c => BindingAddress.Parse(c.Address).Host).Where(h => h is not ("*" or "+") && !IPAddress.TryParse(h, out _));

    /// <summary>Whether any of them is HTTPS.</summary>
    public static bool AnyHttps(IConfiguration configuration) => Configured(configuration).Any(c => c.Address.StartsWith("https:", StringComparison.OrdinalIgnoreCase));

    /// <summary>Kestrel finds a taken port out only when the rest of the program is at work; this asks before.</summary>
    /// <exception cref="AddressNotFreeException">Something listens on a configured address, or it is not ours to have.</exception>
    public static void CheckFree(IConfiguration configuration)
    {
        foreach (var (_, _, address) in Configured(configuration))
        {
            var binding = BindingAddress.Parse(address);
            IPAddress[] places = IPAddress.TryParse(binding.Host, out var ip) ? [ip] : IsLoopback(binding.Host) ? [IPAddress.Loopback, IPAddress.IPv6Loopback] : [IPAddress.Any, IPAddress.IPv6Any];
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
            throw new AddressNotFreeException($"EnsAdmin cannot listen on {address}: {e.Message}. {AnotherAddress}", e);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressNotAvailable && place.AddressFamily == AddressFamily.InterNetwork)
        {
            throw new AddressNotFreeException($"EnsAdmin cannot listen on {address}: this machine has no such address. Start it with another --urls.", e);
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
        return null;
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
}
