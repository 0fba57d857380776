using System.ComponentModel.DataAnnotations;

namespace EnsAdmin.Access;

/// <summary>The one organization of an installation: section <c>Ens:Organization</c>.</summary>
public sealed class OrganizationOptions
{
    public const string Section = "Ens:Organization";

    [Range(1, int.MaxValue)]
    public int Id { get; set; } = 1655;

    public string Name { get; set; } = "Harbour Coffee";

    /// <summary>IANA id of the time zone that the screens show times in.</summary>
    public string TimeZone { get; set; } = "UTC";
}
