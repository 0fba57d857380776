using EnsAdmin.Domain;
using Microsoft.AspNetCore.Components.Authorization;

namespace EnsAdmin.Access;

/// <summary>
/// Whoever looks at the screens: which organizations they may see, and as what. Nothing is changed on a screen without an <see cref="Actor"/>, and only who has
/// the role gets one from here.
/// </summary>
public sealed class Visitor(AuthenticationStateProvider authentication, Sessions sessions, AccessTable table)
{
    /// <summary>The organization last looked at, while the page is open.</summary>
    public int? LastOrgId { get; set; }

    /// <summary>Null where nobody is signed in, or not any more.</summary>
    public Person? Person => authentication.GetAuthenticationStateAsync() is { IsCompletedSuccessfully: true } state ? sessions.Find(state.Result.User) : null;

    /// <summary>By name.</summary>
    public IEnumerable<CurrentOrganization> Organizations =>
        Person is { } person ? table.Organizations.Where(o => person.RoleIn(o.Id) is not null).Select(o => Enter(o, person.RoleIn(o.Id)!.Value)) : [];

    /// <summary>Null where there is no such organization, and where it is none of the visitor's: nobody learns which.</summary>
    public CurrentOrganization? In(int orgId) => Enter(Person, table, orgId);

    /// <summary>The same for a plain request, whose person the session says.</summary>
    internal static CurrentOrganization? Enter(Person? person, AccessTable table, int orgId) =>
        person?.RoleIn(orgId) is { } role && table.FindOrganization(orgId) is { } found ? Enter(found, role) : null;

    /// <summary>For a change in an organization.</summary>
    /// <exception cref="NotAllowedException">The visitor is not, or not any more, an admin of it.</exception>
    public Actor AdminOf(int orgId) => Person is { } person && person.RoleIn(orgId) >= Role.Admin ? person.Actor : throw new NotAllowedException(Role.Admin);

    /// <summary>For a change of the installation.</summary>
    /// <exception cref="NotAllowedException">The visitor is no operator.</exception>
    public Actor Operator() => Person is { IsOperator: true } person ? person.Actor : throw new NotAllowedException(Role.Operator);

    private static CurrentOrganization Enter(KnownOrganization o, Role role) => new(o.Id, o.Name, o.Zone, role);
}

/// <summary>The organization of the page, handed down to every part of it. The address names it, and <see cref="Visitor"/> let it through.</summary>
/// <param name="Zone">Times are shown in it.</param>
/// <param name="Role">The visitor's.</param>
public sealed record CurrentOrganization(int Id, string Name, TimeZoneInfo Zone, Role Role)
{
    /// <summary>Whether the visitor may change what belongs to it: a button that would fail is not shown.</summary>
    public bool MayChange => Role >= Role.Admin;
}
