using EnsAdmin.Domain;

namespace EnsAdmin.Access;

/// <summary>Somebody who is signed in, as the database said a moment ago.</summary>
/// <param name="Session">The sign-in that this is.</param>
/// <param name="Roles">By orgId; an operator needs none.</param>
/// <param name="RemoteAddress">Where the sign-in came from.</param>
public sealed record Person(string Id, Guid Session, string Name, string Email, bool IsOperator, IReadOnlyDictionary<int, Role> Roles, string? RemoteAddress)
{
    /// <summary>For what this person changes.</summary>
    public Actor Actor => new(Name, Id, RemoteAddress: RemoteAddress, SessionId: Session);

    /// <summary>Whether both may do the same in the same organizations.</summary>
    public bool HasRightsOf(Person other) => IsOperator == other.IsOperator && Roles.Count == other.Roles.Count && !Roles.Except(other.Roles).Any();

    /// <summary>Two letters for the round of the profile menu.</summary>
    public string Initials
    {
        get
        {
            var words = Name.Split([' ', '.', '-', '@'], StringSplitOptions.RemoveEmptyEntries);
            var letters = words.Length > 1 ? $"{words[0][0]}{words[1][0]}" : Name[..Math.Min(2, Name.Length)];
            return letters.ToUpperInvariant();
        }
    }

    /// <summary>Null where this person has no business in the organization.</summary>
    public Role? RoleIn(int orgId) => IsOperator ? Role.Operator : Roles.TryGetValue(orgId, out var role) ? role : null;
}
