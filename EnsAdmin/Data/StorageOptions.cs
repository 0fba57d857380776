using System.ComponentModel.DataAnnotations;

namespace EnsAdmin.Data;

/// <summary>Where the program keeps its data: section <c>Ens</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = "Ens";

    /// <summary>Database, encryption keys and lock file; relative to the working directory.</summary>
    [Required]
    public string DataDirectory { get; set; } = "ens-data";
}
