using EnsAdmin.Domain;

namespace EnsAdmin.Directories;

/// <summary>Where a fact came from, in the words of the screens.</summary>
internal static class OriginWords
{
    /// <param name="isList">Whether events only add to it: then the rest may have come from elsewhere.</param>
    public static string Say(FactOrigin origin, bool isList = false) => origin.Kind switch
    {
        OriginKind.Imported => $"Import {origin.By}",
        OriginKind.Edited => $"Edited by {origin.By}",
        OriginKind.Api => $"API key {origin.By}",
        _ => $"{(isList ? "Last added to by" : "Learned from")} {origin.By.Split(':')[0]}",
    };

    /// <summary>The same in two short lines: who or what it was, and in which way; the latter is empty where the former says it.</summary>
    public static (string By, string How) Brief(FactOrigin origin) => origin.Kind switch
    {
        OriginKind.Imported => (Say(origin), ""),
        OriginKind.Edited => (origin.By, "edited"),
        OriginKind.Api => (origin.By, "API key"),
        _ => (origin.By.Split(':')[0], "event"),
    };

    /// <summary>The id of the event that taught it; null where it was no event.</summary>
    public static string? EventId(FactOrigin origin) => origin.Kind == OriginKind.Learned && origin.By.Split(':', 2) is [_, { Length: > 0 } id] ? id : null;

    /// <summary>The number of the import; null where it was none.</summary>
    public static long? ImportOf(FactOrigin origin) => origin.Kind == OriginKind.Imported && long.TryParse(origin.By, out var id) ? id : null;

    /// <summary>A word for one of a kind with a capital.</summary>
    public static string One(DirectoryKind kind) => char.ToUpperInvariant(kind.One[0]) + kind.One[1..];

    public static string Many(DirectoryKind kind) => char.ToUpperInvariant(kind.Name[0]) + kind.Name[1..];

    /// <summary>What a record is called: its name, else its code, else its number.</summary>
    public static string Title(DirectoryKind kind, DirectoryRecord record) => kind == DirectoryKind.Customers
        ? FormattableString.Invariant($"Customer {record.Id}")
        : record.Values[1] ?? record.Values[0] ?? FormattableString.Invariant($"{One(kind)} {record.Id}");
}
