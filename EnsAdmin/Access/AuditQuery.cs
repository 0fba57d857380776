using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace EnsAdmin.Access;

/// <summary>The filters of the audit as the address has them, for the page and its export alike.</summary>
/// <param name="Since">First day, as 2026-03-14, in the organization's time zone.</param>
/// <param name="Until">Last day.</param>
/// <param name="Org">An orgId; 0 for the installation's own entries.</param>
public sealed record AuditQuery(string? Since, string? Until, string? Who, string? Action, string? Subject, string? Org = null)
{
    public static AuditQuery Of(IQueryCollection query) => new(query["since"], query["until"], query["who"], query["action"], query["subject"], query["org"]);

    public bool IsEmpty => this is { Since: null or "", Until: null or "", Who: null or "", Action: null or "", Subject: null or "", Org: null or "" };

    /// <summary>What is no day or no number asks for nothing.</summary>
    public AuditFilter Filter(TimeZoneInfo zone) => new(Start(Day(Since), zone), Start(Day(Until)?.AddDays(1), zone), Blank(Who), Blank(Action), Blank(Subject),
        int.TryParse(Org, CultureInfo.InvariantCulture, out var org) ? org : null);

    /// <summary>An address with these filters.</summary>
    public string Address(string path, params (string Name, string? Value)[] more) => QueryHelpers.AddQueryString(path,
        new[] { ("since", Since), ("until", Until), ("who", Who), ("action", Action), ("subject", Subject), ("org", Org) }.Concat(more).Where(p => !string.IsNullOrEmpty(p.Item2)).Select(p => KeyValuePair.Create(p.Item1, p.Item2)));

    private static string? Blank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static DateOnly? Day(string? text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < DateOnly.MaxValue ? day : null;

    private static DateTimeOffset? Start(DateOnly? day, TimeZoneInfo zone)
    {
        if (day is not { } d || d.Year < 2) return null;
        var local = d.ToDateTime(TimeOnly.MinValue);
        // Midnight may be left out where clocks are put forward.
        while (zone.IsInvalidTime(local)) local = local.AddMinutes(30);
        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
