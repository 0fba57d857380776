namespace EnsAdmin.Domain;

/// <summary>What an event teaches of one record of the directory.</summary>
public abstract record DirectoryLesson(long Id)
{
    /// <returns>The record as it is known then; null where it brings nothing.</returns>
    public abstract DirectoryRecord? Teach(DirectoryRecord known);

    /// <summary>Facts of a store, a till or a customer.</summary>
    public sealed record Facts(DirectoryChange Change, FactOrigin Origin) : DirectoryLesson(Change.Id)
    {
        public override DirectoryRecord? Teach(DirectoryRecord known) => known.Merge(Change, Origin);
    }

    /// <summary>The points that a customer can spend.</summary>
    public sealed record Balance(long Id, CustomerPoints Told) : DirectoryLesson(Id)
    {
        public override DirectoryRecord? Teach(DirectoryRecord known) => known.With(Told);
    }

    /// <summary>What a customer was awarded points for.</summary>
    public sealed record Award(long Id, AwardedReference Told) : DirectoryLesson(Id)
    {
        public override DirectoryRecord? Teach(DirectoryRecord known) => known.With(Told);
    }
}
