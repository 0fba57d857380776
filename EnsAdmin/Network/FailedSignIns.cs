using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using EnsAdmin.Shared;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Network;

/// <summary>
/// Bounds the tries to sign in from one address that fail, over all accounts: who tries one password on many of them meets no account's own lock. Of IPv6, the
/// network that one caller has counts as one address.
/// </summary>
public sealed class FailedSignIns(IOptions<LimitOptions> options, TimeProvider time)
{
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private const int MostAddresses = 20_000;
    private const int BytesOfNetwork = 8;
    private readonly ConcurrentDictionary<IPAddress, Tries> _tries = new();

    /// <summary>Counts a try before it is made, as if it had failed: of many at once none would know of the others.</summary>
    /// <returns>How long the address has to wait; null where it may try.</returns>
    public TimeSpan? Begin(IPAddress? address)
    {
        var now = time.GetUtcNow();
        if (_tries.Count >= MostAddresses) foreach (var (old, over) in _tries) if (over.Until <= now) _tries.TryRemove(old, out _);
        if (_tries.Count >= MostAddresses) _tries.Clear(); // Whoever has so many addresses is not held up by this; memory is.
        var tries = _tries.AddOrUpdate(Key(address), _ => new Tries(1, now + Window), (_, before) => before.Until <= now ? new Tries(1, now + Window) : before with { Count = before.Count + 1 });
        if (tries.Count <= options.Value.FailedSignInsPerAddress) return null;
        TakeBack(address);
        return tries.Until - now;
    }

    /// <summary>For a try that went right after all, or was not made.</summary>
    public void TakeBack(IPAddress? address)
    {
        while (_tries.TryGetValue(Key(address), out var tries) && tries.Count > 0 && !_tries.TryUpdate(Key(address), tries with { Count = tries.Count - 1 }, tries)) { }
    }

    private static IPAddress Key(IPAddress? address)
    {
        if (address is null) return IPAddress.None;
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address;
        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, BytesOfNetwork, bytes.Length - BytesOfNetwork);
        return new IPAddress(bytes);
    }

    private sealed record Tries(int Count, DateTimeOffset Until);
}
