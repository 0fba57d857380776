using System.Globalization;

namespace EnsAdmin.Shared;

/// <summary>How the screens write a moment.</summary>
public static class TimeWords
{
    /// <summary>The full moment in UTC, for titles and machines.</summary>
    public static string Iso(DateTimeOffset value) => value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Seconds and minutes for the last hour when <paramref name="relative"/>; else the time, with the date unless it is today's.</summary>
    public static string Say(DateTimeOffset value, DateTimeOffset now, TimeZoneInfo zone, bool relative)
    {
        var age = now - value;
        if (relative && age >= TimeSpan.Zero && age < TimeSpan.FromHours(1)) return Ago(age);
        var (local, today) = (TimeZoneInfo.ConvertTime(value, zone), TimeZoneInfo.ConvertTime(now, zone));
        var format = local.Date == today.Date ? "HH:mm:ss" : local.Year == today.Year ? "d MMM HH:mm:ss" : "d MMM yyyy HH:mm:ss";
        return local.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>The time to the minute, with the date unless it is today's.</summary>
    public static string Minute(DateTimeOffset value, DateTimeOffset now, TimeZoneInfo zone) => Say(value, now, zone, relative: false)[..^":ss".Length];

    private static string Ago(TimeSpan age) => age.TotalSeconds < 2 ? "just now"
        : age.TotalMinutes < 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalSeconds} s ago")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalMinutes} min ago");
}
