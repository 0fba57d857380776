using System.ComponentModel.DataAnnotations;

namespace EnsAdmin.Data;

/// <summary>Where the program keeps its data: section <c>Ens</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = "Ens";

    /// <summary>Database, encryption keys and lock file; relative to the working directory.</summary>
    [Required]
    public string DataDirectory { get; set; } = "ens-data";

    /// <summary>Beyond this length the database's write-ahead log is begun anew as soon as its readers allow it.</summary>
    [Range(1, 65_536)]
    public int MaxWalMegabytes { get; set; } = 64;
}
