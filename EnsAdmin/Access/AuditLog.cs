using System.Globalization;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Access;

/// <summary>Which entries of the audit to read.</summary>
/// <param name="Since">At or after; null for no bound.</param>
/// <param name="Until">Before; null for no bound.</param>
/// <param name="Who">Part of a name or of a key's id; case does not matter.</param>
/// <param name="Action">As <c>key.added</c>; null for all.</param>
/// <param name="Subject">Part of what was changed; case does not matter.</param>
/// <param name="OrgId">Only of this organization, 0 for the installation's own; null for all that the reader sees.</param>
public sealed record AuditFilter(DateTimeOffset? Since = null, DateTimeOffset? Until = null, string? Who = null, string? Action = null, string? Subject = null, int? OrgId = null);

/// <summary>One page of entries, the newest first.</summary>
/// <param name="Next">Where the next page begins; null on the last one.</param>
public sealed record AuditRows(IReadOnlyList<AuditEntry> Rows, string? Next);

/// <summary>Reads the audit. A page costs the same wherever it begins and however many entries there are: it is found by the place where the one before ended.</summary>
public sealed class AuditLog(EnsContexts contexts)
{
    /// <param name="after">The <see cref="AuditRows.Next"/> of the page before; null for the newest.</param>
    public async Task<AuditRows> OfOrganizationAsync(int orgId, AuditFilter filter, string? after, int size, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        return await ReadAsync(db.AuditEntries, filter with { OrgId = null }, after, size, cancel);
    }

    /// <summary>Those of every organization, and the installation's own.</summary>
    public async Task<AuditRows> OfInstallationAsync(AuditFilter filter, string? after, int size, CancellationToken cancel = default)
    {
        await using var db = contexts.OfInstallation();
        return await ReadAsync(db.AuditEntries, filter, after, size, cancel);
    }

    private static async Task<AuditRows> ReadAsync(IQueryable<AuditEntry> entries, AuditFilter filter, string? after, int size, CancellationToken cancel)
    {
        var found = entries.AsNoTracking();
        if (filter.OrgId is { } orgId) found = orgId == 0 ? found.Where(e => e.OrgId == null) : found.Where(e => e.OrgId == orgId);
        if (filter.Since is { } since) found = found.Where(e => e.At >= since);
        if (filter.Until is { } until) found = found.Where(e => e.At < until);
        if (filter.Action is { } action) found = found.Where(e => e.Action == action);
        if (Pattern(filter.Who) is { } who) found = found.Where(e => EF.Functions.Like(e.By, who, "\\") || EF.Functions.Like(e.KeyId!, who, "\\"));
        if (Pattern(filter.Subject) is { } subject) found = found.Where(e => EF.Functions.Like(e.Subject, subject, "\\"));
        // The first condition is what the index is entered by; the second parts entries of the same moment.
        if (Place(after) is var (at, id)) found = found.Where(e => e.At <= at).Where(e => e.At < at || e.Id < id);

        var rows = await found.OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Take(size + 1).ToListAsync(cancel);
        return new(rows.Count > size ? rows[..size] : rows, rows.Count > size ? string.Create(CultureInfo.InvariantCulture, $"{rows[size - 1].At.UtcTicks}-{rows[size - 1].Id}") : null);
    }

    private static string? Pattern(string? part) => string.IsNullOrWhiteSpace(part) ? null
        : $"%{part.Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";

    /// <summary>What an address says may be anything: what is no place is the beginning.</summary>
    private static (DateTimeOffset At, long Id)? Place(string? text) =>
        text?.Split('-') is [var ticks, var number] && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.UtcTicks
        && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? (new DateTimeOffset(at, TimeSpan.Zero), id) : null;
}
