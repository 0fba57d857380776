using System.ComponentModel.DataAnnotations;

namespace EnsAdmin.Ingestion;

/// <summary>What producers may send: section <c>Ens:Ingestion</c>.</summary>
public sealed class IngestionOptions
{
    public const string Section = "Ens:Ingestion";

    /// <summary>Bytes of one event.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxEventBytes { get; set; } = 256 * 1024;

    /// <summary>Bytes of one request, single event or array.</summary>
    [Range(1024, 256 * 1024 * 1024)]
    public int MaxRequestBytes { get; set; } = 5 * 1024 * 1024;
}
