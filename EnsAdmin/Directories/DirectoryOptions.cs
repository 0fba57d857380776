using System.ComponentModel.DataAnnotations;

namespace EnsAdmin.Directories;

/// <summary>What the directory takes at once: section <c>Ens:Directory</c>.</summary>
public sealed class DirectoryOptions
{
    public const string Section = "Ens:Directory";

    /// <summary>Bytes of one request of the API, after unpacking.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxRequestBytes { get; set; } = 5 * 1024 * 1024;

    /// <summary>Of a file that is uploaded to be imported.</summary>
    [Range(1, 1024 * 1024)]
    public int MaxImportMegabytes { get; set; } = 2048;
}
