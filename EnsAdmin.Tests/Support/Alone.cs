namespace EnsAdmin.Tests.Support;

/// <summary>Tests that need the whole machine: they run after all others, one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}
