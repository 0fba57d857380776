namespace EnsAdmin.Access;

/// <summary>The brand this installation serves.</summary>
public sealed class OrganizationOptions
{
    public int Id { get; set; } = 1655;

    public string Name { get; set; } = "Harbour Coffee";

    /// <summary>IANA name of the time zone in which the screens show times.</summary>
    public string TimeZone { get; set; } = "UTC";
}
