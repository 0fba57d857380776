using System.Text.RegularExpressions;

namespace EnsAdmin.Catalog;

/// <summary>Tells by its name whether a field holds a moment, and whether one before, at or after the event.</summary>
internal static partial class ExampleMoments
{
    public static bool IsMoment(string name) => name is not ("limitOn" or "pointsScheduledForExpiry") && Ending().IsMatch(name);

    public static DateTimeOffset Of(string name, DateTimeOffset now) => name switch
    {
        _ when name.StartsWith("targetPeriodStart", StringComparison.Ordinal) || name.StartsWith("targetCycleStart", StringComparison.Ordinal) => new(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero),
        _ when Before().IsMatch(name) => new(now.Date.AddDays(-60), TimeSpan.Zero),
        _ when After().IsMatch(name) => new(now.Date.AddDays(304).AddSeconds(-1), TimeSpan.Zero),
        _ => now.AddSeconds(-3),
    };

    [GeneratedRegex("(Date|DateTime|Time|InMillis|StoreTz|On|At|Expiry|_on|_at|_till|_time|_date)$", RegexOptions.CultureInvariant)]
    private static partial Regex Ending();

    [GeneratedRegex("start|created|previous|old", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Before();

    [GeneratedRegex("expir|till|end|scheduled|conversion|refresh", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex After();
}
