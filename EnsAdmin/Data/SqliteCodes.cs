namespace EnsAdmin.Data;

/// <summary>SQLite's own numbers of what went wrong (sqlite.org/rescode.html).</summary>
internal static class SqliteCodes
{
    public const int Busy = 5, ReadOnly = 8, Corrupt = 11, Full = 13, CantOpen = 14, Constraint = 19, NotADatabase = 26;
}
