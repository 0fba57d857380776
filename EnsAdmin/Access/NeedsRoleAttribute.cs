using EnsAdmin.Domain;

namespace EnsAdmin.Access;

/// <summary>The least role that a page asks of its visitor; a page without it asks for a viewer. The shell looks at it, on the server's first answer and in an open page alike.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NeedsRoleAttribute(Role role) : Attribute
{
    public Role Role => role;
}
