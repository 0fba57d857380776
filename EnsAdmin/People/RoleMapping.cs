using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Claims;
using EnsAdmin.Domain;

namespace EnsAdmin.People;

/// <summary>What a value of the role claim gives.</summary>
/// <param name="OrgId">Where; null for every organization that the person's claims name.</param>
public sealed record RoleRule(string Value, int? OrgId, Role Role);

/// <summary>What a person's claims give.</summary>
public sealed record ClaimedRoles(bool IsOperator, IReadOnlyDictionary<int, Role> Roles)
{
    public bool IsNothing => !IsOperator && Roles.Count == 0;
}

/// <summary>
/// Reads roles out of claims. Each value of the role claim is looked up in the mapping; <c>Viewer</c> and <c>Admin</c> mean themselves where it does not name them. Nobody is an
/// operator but by a rule that says so. Of several roles in one organization the greater counts.
/// </summary>
public static class RoleMapping
{
    /// <summary>The rules of a setting, as <c>brand-manager=Admin; coffee-team=1655:Viewer; platform=Operator</c>; null where it is none.</summary>
    public static IReadOnlyList<RoleRule>? Read(string? text)
    {
        var rules = new List<RoleRule>();
        foreach (var part in text?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            // A group may have commas and "=" in its name, as in a directory.
            var at = part.LastIndexOf('=');
            if (at < 1) return null;
            var target = part[(at + 1)..].Trim().Split(':');
            int? orgId = null;
            if (target.Length == 2)
            {
                if (!int.TryParse(target[0], NumberStyles.None, CultureInfo.InvariantCulture, out var given) || given < 1) return null;
                orgId = given;
            }

            if (target.Length > 2 || !Enum.TryParse<Role>(target[^1], ignoreCase: true, out var role) || !Enum.IsDefined(role) || char.IsDigit(target[^1][0])) return null;
            if (role == Role.Operator && orgId is not null) return null;
            rules.Add(new(part[..at].Trim(), orgId, role));
        }

        return rules;
    }

    public static ClaimedRoles Of(IReadOnlyCollection<Claim> claims, ProviderOptions options)
    {
        var rules = Read(options.Mapping) ?? [];
        var organizations = Values(claims, options.OrganizationClaim).Select(v => int.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0).Where(id => id > 0).ToList();
        var (roles, isOperator) = (new Dictionary<int, Role>(), false);
        foreach (var rule in Values(claims, options.RoleClaim).SelectMany(value => Meaning(value, rules)))
        {
            if (rule.Role == Role.Operator) isOperator = true;
            else foreach (var orgId in rule.OrgId is { } one ? [one] : organizations) roles[orgId] = roles.TryGetValue(orgId, out var other) && other > rule.Role ? other : rule.Role;
        }

        return new(isOperator, roles);
    }

    private static IEnumerable<RoleRule> Meaning(string value, IReadOnlyList<RoleRule> rules)
    {
        var found = rules.Where(r => r.Value == value).ToList();
        if (found.Count > 0) return found;
        return value.ToUpperInvariant() switch { "VIEWER" => [new(value, null, Role.Viewer)], "ADMIN" => [new(value, null, Role.Admin)], _ => [] };
    }

    private static IEnumerable<string> Values(IEnumerable<Claim> claims, string? type) => string.IsNullOrEmpty(type) ? [] : claims.Where(c => c.Type == type).Select(c => c.Value.Trim());
}

/// <summary>A setting with the rules of <see cref="RoleMapping"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RoleMappingAttribute : ValidationAttribute
{
    public override bool IsValid(object? value) => value is not string text || RoleMapping.Read(text) is not null;

    public override string FormatErrorMessage(string name) => "should be rules as brand-manager=Admin; coffee-team=1655:Viewer; platform=Operator";
}
