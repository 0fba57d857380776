namespace EnsAdmin.Access;

/// <summary>Whether this is the demo, which signs in whoever looks at it from this machine.</summary>
public sealed record DemoVisitor(bool IsOn);
