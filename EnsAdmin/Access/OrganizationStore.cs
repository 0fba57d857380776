using EnsAdmin.Data;
using EnsAdmin.Domain;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Access;

/// <summary>An organization and how much it has.</summary>
/// <param name="Keys">Those not revoked.</param>
public sealed record OrganizationRow(Organization Organization, int Webhooks, int Members, int Keys);

/// <summary>Keeps the organizations; an operator's business.</summary>
public sealed class OrganizationStore(EnsContexts contexts, AccessTable table, Audit audit, TimeProvider time)
{
    public const int MaxNameLength = 100;

    public async Task<IReadOnlyList<Organization>> AllAsync(CancellationToken cancel = default)
    {
        await using var db = contexts.OfInstallation();
        return await db.Organizations.AsNoTracking().Where(o => o.DeletedAt == null).OrderBy(o => o.OrgId).ToListAsync(cancel);
    }

    /// <summary>The same with how much each has.</summary>
    public async Task<IReadOnlyList<OrganizationRow>> OverviewAsync(CancellationToken cancel = default)
    {
        await using var db = contexts.OfInstallation();
        return await db.Organizations.AsNoTracking().Where(o => o.DeletedAt == null).OrderBy(o => o.Name).ThenBy(o => o.OrgId).Select(o => new OrganizationRow(o,
            db.Webhooks.Count(w => w.OrgId == o.OrgId && w.DeletedAt == null), db.Memberships.Count(m => m.OrgId == o.OrgId), db.ApiKeys.Count(k => k.OrgId == o.OrgId && k.RevokedAt == null))).ToListAsync(cancel);
    }

    /// <param name="timeZone">IANA id.</param>
    /// <returns>What is wrong; empty when it was added.</returns>
    public async Task<IReadOnlyList<AccessError>> AddAsync(int orgId, string name, string timeZone, Actor by, CancellationToken cancel = default)
    {
        var errors = Check(orgId, name, timeZone);
        if (errors.Count > 0) return errors;
        await using var db = contexts.OfInstallation();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.Organizations.AnyAsync(o => o.OrgId == orgId, cancel)) return [new(nameof(orgId), $"There is an organization {orgId} already.")];
        db.Organizations.Add(new Organization(orgId, name.Trim(), timeZone, time.GetUtcNow()));
        audit.Add(db, by, orgId, "organization.added", $"organization {orgId}", null, new { name = name.Trim(), timeZone });
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        table.Load();
        return [];
    }

    /// <summary>Changes the name and the time zone.</summary>
    /// <returns>What is wrong; empty when it was changed.</returns>
    public async Task<IReadOnlyList<AccessError>> ChangeAsync(int orgId, string name, string timeZone, Actor by, CancellationToken cancel = default)
    {
        var errors = Check(orgId, name, timeZone);
        if (errors.Count > 0) return errors;
        await using var db = contexts.OfInstallation();
        if (await db.Organizations.SingleOrDefaultAsync(o => o.OrgId == orgId && o.DeletedAt == null, cancel) is not { } organization) return [new(nameof(orgId), $"There is no organization {orgId}.")];
        audit.Add(db, by, orgId, "organization.changed", $"organization {orgId}", new { organization.Name, organization.TimeZone }, new { name = name.Trim(), timeZone });
        organization.Change(name.Trim(), timeZone);
        await db.SaveChangesAsync(cancel);
        table.Load();
        return [];
    }

    /// <summary>Says whether passing events teach the organization's directory: an admin's business, unlike the rest.</summary>
    public async Task LearnAsync(int orgId, bool fromEvents, Actor by, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        var organization = await db.Organizations.SingleAsync(cancel);
        if (organization.LearnsFromEvents == fromEvents) return;
        audit.Add(db, by, orgId, "organization.changed", $"organization {orgId}", new { organization.LearnsFromEvents }, new { learnsFromEvents = fromEvents });
        organization.Learn(fromEvents);
        await db.SaveChangesAsync(cancel);
        table.Load();
    }

    public bool Has(int orgId) => table.FindOrganization(orgId) is not null;

    /// <returns>What is wrong with them, by field.</returns>
    public static List<AccessError> Check(int orgId, string name, string timeZone)
    {
        var errors = new List<AccessError>();
        if (orgId < 1) errors.Add(new(nameof(orgId), "The orgId is a whole number from 1 on."));
        if (name.Trim() is not { Length: > 0 and <= MaxNameLength } || name.Any(char.IsControl)) errors.Add(new(nameof(name), $"Give a name of 1 to {MaxNameLength} characters on one line."));
        if (!IsTimeZone(timeZone)) errors.Add(new(nameof(timeZone), "The time zone is an IANA id, such as Europe/Berlin, Asia/Kolkata or UTC."));
        return errors;
    }

    /// <summary>A zone that this machine knows; any id will do on a machine that knows none.</summary>
    private static bool IsTimeZone(string id) => TimeZoneInfo.TryFindSystemTimeZoneById(id, out _)
        || (!string.IsNullOrWhiteSpace(id) && !TimeZoneInfo.TryFindSystemTimeZoneById("Europe/London", out _));
}
