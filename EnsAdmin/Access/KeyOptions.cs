using System.ComponentModel.DataAnnotations;

namespace EnsAdmin.Access;

/// <summary>What holds for every API key: section <c>Ens:Keys</c>.</summary>
public sealed class KeyOptions
{
    public const string Section = "Ens:Keys";

    /// <summary>Beyond it a key's requests are answered with 429; 0 for no limit.</summary>
    [Range(0, 1_000_000)]
    public int MaxRequestsPerSecond { get; set; }
}
