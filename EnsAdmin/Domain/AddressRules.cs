using System.Net;
using System.Net.Sockets;

namespace EnsAdmin.Domain;

/// <summary>
/// Which addresses a webhook may be called at: public ones, and those of the networks that the operator opened. An IPv4 address inside an IPv6 one
/// (mapped, NAT64, ISATAP) is judged as the IPv4 address it leads to; 6to4 and Teredo, which lead anywhere, are refused. Ranges as in the registries of
/// special-purpose addresses of IANA (RFC 6890).
/// </summary>
/// <param name="opened">Networks that are allowed whatever they are.</param>
public sealed class AddressRules(IReadOnlyList<IPNetwork> opened)
{
    private static readonly IPNetwork[] SpecialV4 =
    [
        .. Networks("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        IPNetwork.Parse("168.63.129.16/32"), // A cloud's host agent at an address that looks public.
    ];

    // Nothing outside of 2000::/3 is public; these inside of it aren't either.
    private static readonly IPNetwork PublicV6 = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] SpecialV6 = Networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    public bool Allows(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return opened.Any(n => n.Contains(address)) || IsPublic(address);
    }

    private static bool IsPublic(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork) return !SpecialV4.Any(n => n.Contains(address));
        // A gateway far away translates these: what the operator opened of this machine's networks is not what it leads to.
        if (Nat64.Contains(address)) return IsPublic(LastFourBytes(address));
        return PublicV6.Contains(address) && !SpecialV6.Any(n => n.Contains(address)) && (!IsIsatap(address) || IsPublic(LastFourBytes(address)));
    }

    private static IPAddress LastFourBytes(IPAddress address) => new(address.GetAddressBytes().AsSpan(12));

    // Its interface identifier starts with 0000:5efe or 0200:5efe (RFC 5214).
    private static bool IsIsatap(IPAddress address) => address.GetAddressBytes() is [_, _, _, _, _, _, _, _, 0 or 2, 0, 0x5e, 0xfe, ..];

    private static IPNetwork[] Networks(params string[] networks) => [.. networks.Select(n => IPNetwork.Parse(n))];
}
