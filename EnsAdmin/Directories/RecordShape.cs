using System.Text.Json;
using EnsAdmin.Domain;

namespace EnsAdmin.Directories;

/// <summary>A record as the API answers it: in the form in which it is taken.</summary>
internal static class RecordShape
{
    public static Dictionary<string, object?> Of(DirectoryKind kind, DirectoryRecord record)
    {
        var shape = new Dictionary<string, object?> { [kind.IdName] = record.Id };
        Dictionary<string, object?>? instore = null;
        foreach (var (i, field) in kind.Fields.Index())
        {
            if (record.Values[i] is not { } value) continue;
            object told = field.Form switch
            {
                FieldForm.Number => long.Parse(value, System.Globalization.CultureInfo.InvariantCulture),
                FieldForm.Cards => JsonElement.Parse(value),
                FieldForm.Accounts => new { accounts = JsonElement.Parse(value) },
                _ => value,
            };
            if (field.Name.StartsWith("instore.", StringComparison.Ordinal))
            {
                shape["instore"] = instore ??= [];
                instore[field.Name["instore.".Length..]] = told;
            }
            else shape[field.Name] = told;
        }

        return shape;
    }

    /// <summary>The same with the points and the newest awards, and with where each fact came from.</summary>
    public static Dictionary<string, object?> Of(DirectoryKind kind, RecordDetails details)
    {
        var shape = Of(kind, details.Record);
        if (details.Points.Count > 0) shape["availablePoints"] = details.Points.Select(p => new { p.ProgramId, p.Available, asOf = new DateTimeOffset(p.OriginAt, TimeSpan.Zero) });
        if (details.Awards.Count > 0) shape["awardedReferences"] = details.Awards.Select(a => new { a.EventKey, a.Reference, a.ReferenceType, asOf = new DateTimeOffset(a.OriginAt, TimeSpan.Zero) });
        shape["origins"] = kind.Fields.Index().Where(f => details.Record.OriginOf(f.Index) is not null).ToDictionary(f => f.Item.Name, f => Of(details.Record.OriginOf(f.Index)!));
        return shape;
    }

    private static object Of(FactOrigin origin) => new { kind = origin.Kind.ToString().ToLowerInvariant(), origin.By, at = new DateTimeOffset(origin.At, TimeSpan.Zero) };
}
