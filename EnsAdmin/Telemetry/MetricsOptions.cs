using EnsAdmin.Shared;

namespace EnsAdmin.Telemetry;

/// <summary>Who may read <c>/metrics</c>: section <c>Ens:Metrics</c>.</summary>
public sealed class MetricsOptions
{
    public const string Section = "Ens:Metrics";

    /// <summary>The networks of the callers, as they are known behind proxies too.</summary>
    [NetworkList]
    public string AllowedNetworks { get; set; } = "127.0.0.0/8, ::1/128";
}
