namespace EnsAdmin.Domain;

/// <summary>How a fact came into the directory.</summary>
public enum OriginKind
{
    /// <summary>From a file.</summary>
    Imported,
    /// <summary>By a person on the screen.</summary>
    Edited,
    /// <summary>By a key over the API.</summary>
    Api,
    /// <summary>From an event that passed by.</summary>
    Learned,
}

/// <summary>Where a fact came from, and when.</summary>
/// <param name="By">The import's number, the person's name, the key's id, or the event's name and id with a colon between.</param>
/// <param name="At">UTC ticks: of a learned fact the event's <c>createdAt</c>, of all others the moment they were written.</param>
public sealed record FactOrigin(OriginKind Kind, string By, long At)
{
    public static FactOrigin Imported(long jobId, DateTimeOffset at) => new(OriginKind.Imported, FormattableString.Invariant($"{jobId}"), at.UtcTicks);

    public static FactOrigin Edited(string name, DateTimeOffset at) => new(OriginKind.Edited, name, at.UtcTicks);

    public static FactOrigin Api(string keyId, DateTimeOffset at) => new(OriginKind.Api, keyId, at.UtcTicks);

    /// <param name="createdAt">UTC ticks.</param>
    public static FactOrigin Learned(string eventName, string eventId, long createdAt) => new(OriginKind.Learned, $"{eventName}:{eventId}", createdAt);

    /// <summary>As it is kept: <c>learned:transactionAdded:0f8f…</c>.</summary>
    public string Text => $"{Kind switch { OriginKind.Imported => "imported", OriginKind.Edited => "edited", OriginKind.Api => "api", _ => "learned" }}:{By}";

    public static FactOrigin Read(string text, long at)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return new(text[..colon] switch { "imported" => OriginKind.Imported, "edited" => OriginKind.Edited, "api" => OriginKind.Api, _ => OriginKind.Learned }, text[(colon + 1)..], at);
    }
}
