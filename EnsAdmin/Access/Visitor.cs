using EnsAdmin.Domain;

namespace EnsAdmin.Access;

/// <summary>
/// Whoever looks at the screens: which organizations they may see, and as what. Until people sign in, everybody who reaches the program is an operator;
/// this class alone says so.
/// </summary>
/// <param name="maySee">Which organizations; null for all.</param>
public sealed class Visitor(AccessTable table, Func<int, bool>? maySee = null)
{
    /// <summary>The organization last looked at, while the page is open.</summary>
    public int? LastOrgId { get; set; }

    /// <summary>By name.</summary>
    public IEnumerable<CurrentOrganization> Organizations => table.Organizations.Where(o => MaySee(o.Id)).Select(Enter);

    /// <summary>For what is changed on a screen.</summary>
    public Actor Actor { get; } = new("admin");

    /// <summary>Null where there is no such organization, and where it is none of the visitor's: nobody learns which.</summary>
    public CurrentOrganization? In(int orgId) => MaySee(orgId) && table.FindOrganization(orgId) is { } found ? Enter(found) : null;

    private bool MaySee(int orgId) => maySee?.Invoke(orgId) ?? true;

    private static CurrentOrganization Enter(KnownOrganization o) => new(o.Id, o.Name, o.Zone, Role.Operator);
}

/// <summary>The organization of the page, handed down to every part of it. The address names it, and <see cref="Visitor"/> let it through.</summary>
/// <param name="Zone">Times are shown in it.</param>
/// <param name="Role">The visitor's.</param>
public sealed record CurrentOrganization(int Id, string Name, TimeZoneInfo Zone, Role Role);
