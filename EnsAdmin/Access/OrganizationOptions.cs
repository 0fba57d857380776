using System.ComponentModel.DataAnnotations;

namespace EnsAdmin.Access;

/// <summary>The one organization of an installation: section <c>Ens:Organization</c>.</summary>
public sealed class OrganizationOptions
{
    public const string Section = "Ens:Organization";

    [Range(1, int.MaxValue)]
    public int Id { get; set; } = 1655;

    [Required]
    public string Name { get; set; } = "Harbour Coffee";

    /// <summary>IANA id of the time zone that the screens show times in.</summary>
    [TimeZoneId]
    public string TimeZone { get; set; } = "UTC";

    /// <summary><see cref="TimeZone"/>, or UTC where the machine has no time zone data.</summary>
    public TimeZoneInfo Zone => TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone) ? zone : TimeZoneInfo.Utc;

    /// <summary>Whether <see cref="Zone"/> is the one that was asked for.</summary>
    public bool HasZone => TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _);
}

/// <summary>A time zone that this machine knows; any id will do on a machine that knows none.</summary>
internal sealed class TimeZoneIdAttribute() : ValidationAttribute("should be the IANA id of a time zone, as Europe/Berlin, Asia/Kolkata or UTC")
{
    public override bool IsValid(object? value) => TimeZoneInfo.TryFindSystemTimeZoneById((string?)value ?? "", out _)
        || (!string.IsNullOrWhiteSpace((string?)value) && !TimeZoneInfo.TryFindSystemTimeZoneById("Europe/London", out _));
}
