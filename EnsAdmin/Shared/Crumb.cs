namespace EnsAdmin.Shared;

/// <summary>One step of the way to a page; the last one, the page itself, has no address.</summary>
public readonly record struct Crumb(string Text, string? Href = null);
