using EnsAdmin.Domain;

namespace EnsAdmin.Access;

/// <summary>Somebody tried what their role does not allow: a screen that was open while the role was taken, or a request that no screen makes.</summary>
public sealed class NotAllowedException(Role needed) : Exception(needed == Role.Operator ? "Only an operator may do this." : "Only an admin of the organization may do this.");
