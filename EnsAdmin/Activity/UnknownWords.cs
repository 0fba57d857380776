namespace EnsAdmin.Activity;

/// <summary>Makes short what enrichment says of facts that it left out.</summary>
internal static class UnknownWords
{
    private const int MostNotes = 3, MostNames = 3;

    public static string Full(IReadOnlyList<string> notes) => string.Join(" · ", notes);

    public static string Brief(IReadOnlyList<string> notes) =>
        Full([.. notes.Take(MostNotes).Select(Brief), .. notes.Count > MostNotes ? [FormattableString.Invariant($"{notes.Count - MostNotes} more")] : Array.Empty<string>()]);

    /// <summary>Of many sources, "WeChat, WebEngage and 7 more identifiers of customer 42 unknown".</summary>
    private static string Brief(string note)
    {
        if (note.Split(", ") is not { Length: > MostNames } names || names[^1].Split(' ', 2) is not [_, var rest]) return note;
        return FormattableString.Invariant($"{names[0]}, {names[1]} and {names.Length - 2} more {rest}");
    }
}
