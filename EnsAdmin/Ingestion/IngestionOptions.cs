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

    /// <summary>Below this much free space on the disk of the data directory no event is taken and no file imported; 0 takes them until it is full.</summary>
    [Range(0, int.MaxValue)]
    public int MinFreeDiskMegabytes { get; set; } = 256;

    /// <summary>Memory for requests that are being read or wait for their commit; beyond it they are answered with 429.</summary>
    [Range(1, 65_536)]
    public int MaxBufferedMegabytes { get; set; } = 64;
}
