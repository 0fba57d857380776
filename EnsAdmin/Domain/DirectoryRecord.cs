using System.Text.Json;

namespace EnsAdmin.Domain;

/// <summary>What somebody says of one record: some of its fields, each with a value or with null, which takes the value out.</summary>
/// <param name="Values">By the places of the kind's fields.</param>
/// <param name="Given">A bit for each field that is spoken of: 1 &lt;&lt; place.</param>
public sealed record DirectoryChange(long Id, string?[] Values, int Given)
{
    public bool Has(int field) => (Given & (1 << field)) != 0;
}

/// <summary>One store, till or customer as the directory knows it. Never changes: <see cref="Merge"/> makes another.</summary>
public sealed class DirectoryRecord
{
    /// <summary>Characters of a text.</summary>
    public const int MaxText = 200;

    /// <summary>Value of <see cref="LearnsAfter"/> for who was forgotten by hand.</summary>
    public const long Never = long.MaxValue;

    private readonly string? _exceptions;
    private FactOrigin?[]? _origins;

    /// <param name="origin">Null for one that is forgotten.</param>
    /// <param name="exceptions">As <see cref="Exceptions"/> says.</param>
    public DirectoryRecord(long id, string?[] values, FactOrigin? origin, string? exceptions, long learnsAfter) =>
        (Id, Values, Origin, _exceptions, LearnsAfter) = (id, values, origin, exceptions, learnsAfter);

    public long Id { get; }

    /// <summary>By the places of the kind's fields; null where nothing is known.</summary>
    public string?[] Values { get; }

    /// <summary>Where the facts came from that <see cref="Exceptions"/> does not name. Null where the record is only the memory that it was forgotten.</summary>
    public FactOrigin? Origin { get; }

    /// <summary>JSON of the facts with another origin, as <c>[["learned:…",638…,[1,3]]]</c> with the places of their fields; null for none.</summary>
    public string? Exceptions => _exceptions;

    /// <summary>UTC ticks: events teach nothing of it that were created up to then.</summary>
    public long LearnsAfter { get; }

    public bool IsForgotten => Origin is null;

    public static DirectoryRecord Empty(DirectoryKind kind, long id, long learnsAfter = 0) => new(id, new string?[kind.Fields.Count], null, null, learnsAfter);

    /// <summary>Where the value of a field came from, or who took it out; null where nobody ever spoke of it.</summary>
    public FactOrigin? OriginOf(int field) => Origins()[field];

    /// <summary>
    /// The record after the change. What people, files and keys say counts at once; what an event teaches counts where it is newer than what is known, never
    /// empties a field, and adds to lists.
    /// </summary>
    /// <returns>Null where nothing changes.</returns>
    public DirectoryRecord? Merge(DirectoryKind kind, DirectoryChange change, FactOrigin origin)
    {
        var learned = origin.Kind == OriginKind.Learned;
        if (learned && origin.At <= LearnsAfter) return null;
        (string?[] Values, FactOrigin?[] Origins)? next = null;
        for (var i = 0; i < Values.Length; i++)
        {
            var value = change.Values[i];
            if (!change.Has(i) || value == Values[i]) continue;
            if (learned)
            {
                if (value is null || OriginOf(i)?.At > origin.At) continue;
                if (kind.Fields[i].Form is FieldForm.Cards or FieldForm.Accounts) value = DirectoryLists.Union(kind.Fields[i].Form, Values[i], value);
                if (value == Values[i]) continue;
            }

            next ??= ((string?[])Values.Clone(), (FactOrigin?[])Origins().Clone());
            (next.Value.Values[i], next.Value.Origins[i]) = (value, origin);
        }

        // An empty record of a new id is one as well, except that an event has to bring something.
        if (next is null && (learned || !IsForgotten)) return null;
        var (values, origins) = next ?? (Values, Origins());
        return Of(Id, values, origins, origin, learned ? LearnsAfter : 0);
    }

    /// <summary>What is left when all is forgotten that was known up to a moment: what was said later, by whomever, and that events from before teach nothing.</summary>
    /// <param name="until">UTC ticks; <see cref="Never"/> for all of it.</param>
    public DirectoryRecord Forget(DirectoryKind kind, long until)
    {
        var learnsAfter = Math.Max(until, LearnsAfter);
        var kept = Array.ConvertAll(Origins(), o => o?.At > until ? o : null);
        var newest = kept.Append(Origin?.At > until ? Origin : null).MaxBy(o => o?.At);
        return newest is null ? Empty(kind, Id, learnsAfter) : Of(Id, [.. Values.Select((value, i) => kept[i] is null ? null : value)], kept, newest, learnsAfter);
    }

    private static DirectoryRecord Of(long id, string?[] values, FactOrigin?[] origins, FactOrigin newest, long learnsAfter)
    {
        // What most facts have in common is said once.
        var common = newest;
        var most = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is null || origins[i] is not { } candidate || candidate == common && most > 0) continue;
            var count = 0;
            for (var j = 0; j < values.Length; j++) count += values[j] is not null && origins[j] == candidate ? 1 : 0;
            if (count > most) (common, most) = (candidate, count);
        }

        var others = origins.Index().Where(o => o.Item is not null && (values[o.Index] is null || o.Item != common)).GroupBy(o => o.Item!, o => o.Index).ToList();
        var exceptions = others.Count == 0 ? null : JsonSerializer.Serialize(others.Select(g => new object[] { g.Key.Text, g.Key.At, g.ToArray() }));
        return new DirectoryRecord(id, values, common, exceptions, learnsAfter) { _origins = origins };
    }

    private FactOrigin?[] Origins()
    {
        if (_origins is not null) return _origins;
        var origins = new FactOrigin?[Values.Length];
        for (var i = 0; i < Values.Length; i++) origins[i] = Values[i] is null ? null : Origin;
        if (_exceptions is not null)
        {
            using var read = JsonDocument.Parse(_exceptions);
            foreach (var group in read.RootElement.EnumerateArray())
            {
                var other = FactOrigin.Read(group[0].GetString()!, group[1].GetInt64());
                foreach (var place in group[2].EnumerateArray())
                    if (place.GetInt32() is var i && i < origins.Length) origins[i] = other;
            }
        }

        return _origins = origins;
    }
}
