using System.ComponentModel.DataAnnotations;
using System.Net;

namespace EnsAdmin.Shared;

/// <summary>A list of networks in CIDR form, separated by commas.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NetworkListAttribute : ValidationAttribute
{
    public override bool IsValid(object? value) => value is not string text || Read(text) is not null;

    public override string FormatErrorMessage(string name) => "should be networks in CIDR form separated by commas, such as 10.1.0.0/16, fd00:1::/32";

    /// <returns>Null where one of them is none.</returns>
    public static IReadOnlyList<IPNetwork>? Read(string text)
    {
        var networks = new List<IPNetwork>();
        foreach (var piece in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!IPNetwork.TryParse(piece, out var network)) return null;
            networks.Add(network);
        }

        return networks;
    }
}
