using EnsAdmin.Shared;

namespace EnsAdmin.Network;

/// <summary>How the program is reached: section <c>Ens</c>.</summary>
public sealed class NetworkOptions
{
    public const string Section = "Ens";

    /// <summary>Names that requests may ask for, beside this machine's own, addresses, and those it listens on; <c>*</c> for any.</summary>
    [HostList]
    public string AllowedHosts { get; set; } = "";

    /// <summary>Where reverse proxies stand, whose word on the caller's address, scheme and host is taken.</summary>
    [NetworkList]
    public string Proxies { get; set; } = "";
}
