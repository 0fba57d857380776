using System.Globalization;

namespace EnsAdmin.Shared;

/// <summary>How the screens write a moment.</summary>
public static class TimeWords
{
    /// <summary>The full moment in UTC, for machines.</summary>
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

    /// <summary>Day and minute, for what is long ago as a rule: "14 Mar 2026 10:41".</summary>
    public static string Dated(DateTimeOffset value, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(value, zone).ToString("d MMM yyyy HH:mm", CultureInfo.InvariantCulture);

    /// <summary>The moment in the zone with its offset, for titles: "2026-03-14 16:11:07.123 +05:30".</summary>
    public static string Full(DateTimeOffset value, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(value, zone).ToString("yyyy-MM-dd HH:mm:ss.fff zzz", CultureInfo.InvariantCulture);

    /// <summary>"&lt; 1 ms", "84 ms", "1.2 s", "3 min 5 s", "2 h 10 min".</summary>
    public static string Duration(TimeSpan value) => value switch
    {
        { TotalMilliseconds: < 1 } => "< 1 ms",
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(value.TotalMilliseconds)} ms"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{value.Minutes} min {value.Seconds} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)value.TotalHours} h {value.Minutes} min"),
    };

    private static string Ago(TimeSpan age) => age.TotalSeconds < 2 ? "just now"
        : age.TotalMinutes < 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalSeconds} s ago")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)age.TotalMinutes} min ago");
}
