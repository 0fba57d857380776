using System.ComponentModel.DataAnnotations;

namespace EnsAdmin.Network;

/// <summary>A list of host names, separated by commas or semicolons; <c>*.example.com</c> stands for everything below, <c>*</c> for anything.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HostListAttribute : ValidationAttribute
{
    public override bool IsValid(object? value) => value is not string text || Read(text).All(IsHost);

    public override string FormatErrorMessage(string name) => "should be host names separated by commas, without scheme and port, such as ens.example.com, *.example.org";

    public static string[] Read(string text) => text.Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool IsHost(string host) => host == "*" || Uri.CheckHostName(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host) == UriHostNameType.Dns;
}
