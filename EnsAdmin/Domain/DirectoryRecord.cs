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
    private readonly (string Text, long At) _origin;
    private FactOrigin?[]? _origins;
    private string?[]? _values;
    private RecordJson? _json;

    /// <param name="origin">Null for one that is forgotten.</param>
    /// <param name="exceptions">As <see cref="Exceptions"/> says.</param>
    public DirectoryRecord(DirectoryKind kind, long id, string?[] values, FactOrigin? origin, string? exceptions, long learnsAfter) =>
        (Kind, Id, _values, Origin, _exceptions, LearnsAfter) = (kind, id, values, origin, exceptions, learnsAfter);

    /// <inheritdoc cref="DirectoryRecord(DirectoryKind, long, string[], FactOrigin, string, long)"/>
    /// <param name="origin">As <see cref="FactOrigin.Text"/> and <see cref="FactOrigin.At"/>; an empty text for one that is forgotten.</param>
    public DirectoryRecord(DirectoryKind kind, long id, RecordJson json, (string Text, long At) origin, string? exceptions, long learnsAfter) =>
        (Kind, Id, _json, _origin, _exceptions, LearnsAfter) = (kind, id, json, origin, exceptions, learnsAfter);

    public DirectoryKind Kind { get; }

    public long Id { get; }

    /// <summary>By the places of the kind's fields; null where nothing is known.</summary>
    public string?[] Values
    {
        get
        {
            if (_values is not null) return _values;
            var values = new string?[Kind.Fields.Count];
            for (var i = 0; i < values.Length; i++) values[i] = _json!.Value(i);
            return _values = values;
        }
    }

    /// <summary>All values as JSON, by the same places.</summary>
    public RecordJson Json => _json ??= RecordJson.Of(Kind, [.. Values, .. Kind == DirectoryKind.Customers ? [DirectoryLists.Write(Points), DirectoryLists.Write(Awards)] : Array.Empty<string?>()]);

    /// <summary>What a customer can spend, by programme; the newest last.</summary>
    public IReadOnlyList<CustomerPoints> Points
    {
        get => field ??= _json is null || Kind != DirectoryKind.Customers ? [] : DirectoryLists.Points(_json[CustomerFields.Points]);
        private init;
    }

    /// <summary>What a customer was awarded points for, the newest last.</summary>
    public IReadOnlyList<AwardedReference> Awards
    {
        get => field ??= _json is null || Kind != DirectoryKind.Customers ? [] : DirectoryLists.Awards(_json[CustomerFields.Awards]);
        private init;
    }

    /// <summary>What a customer was awarded points for by an event; null where that is unknown.</summary>
    /// <param name="eventKey">As <see cref="AwardedReference.EventKey"/>.</param>
    public AwardedReference? AwardOf(string eventKey) => _json is null ? Awards.FirstOrDefault(a => a.EventKey == eventKey) : DirectoryLists.Awards(_json[CustomerFields.Awards], eventKey) is [var award] ? award : null;

    /// <summary>Where the facts came from that <see cref="Exceptions"/> does not name. Null where the record is only the memory that it was forgotten.</summary>
    public FactOrigin? Origin
    {
        get => field ??= _origin.Text is { Length: > 0 } text ? FactOrigin.Read(text, _origin.At) : null;
        private init;
    }

    /// <summary>JSON of the facts with another origin, as <c>[["learned:…",638…,[1,3]]]</c> with the places of their fields; null for none.</summary>
    public string? Exceptions => _exceptions;

    /// <summary>UTC ticks: events teach nothing of it that were created up to then.</summary>
    public long LearnsAfter { get; }

    public bool IsForgotten => string.IsNullOrEmpty(_origin.Text) && Origin is null;

    public static DirectoryRecord Empty(DirectoryKind kind, long id, long learnsAfter = 0) => new(kind, id, new string?[kind.Fields.Count], null, null, learnsAfter);

    /// <summary>Where the value of a field came from, or who took it out; null where nobody ever spoke of it.</summary>
    public FactOrigin? OriginOf(int field) => Origins()[field];

    /// <summary>
    /// The record after the change. What people, files and keys say counts at once; what an event teaches counts where it is newer than what is known, never
    /// empties a field, and adds to lists.
    /// </summary>
    /// <returns>Null where nothing changes.</returns>
    public DirectoryRecord? Merge(DirectoryChange change, FactOrigin origin)
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
                if (Kind.Fields[i].Form is FieldForm.Cards or FieldForm.Accounts) value = DirectoryLists.Union(Kind.Fields[i].Form, Values[i], value);
                if (value == Values[i]) continue;
            }

            next ??= ((string?[])Values.Clone(), (FactOrigin?[])Origins().Clone());
            (next.Value.Values[i], next.Value.Origins[i]) = (value, origin);
        }

        // An empty record of a new id is one as well, except that an event has to bring something.
        if (next is null && (learned || !IsForgotten)) return null;
        var (values, origins) = next ?? (Values, Origins());
        return Of(values, origins, origin, learned ? LearnsAfter : 0, Points, Awards);
    }

    /// <summary>The customer with the points that an event says are available.</summary>
    /// <returns>Null where something newer is known, as many newer ones as are kept, or the customer was forgotten since.</returns>
    public DirectoryRecord? With(CustomerPoints told)
    {
        if (told.OriginAt <= LearnsAfter || Points.Any(p => p.ProgramId == told.ProgramId && (p.OriginAt > told.OriginAt || p == told))) return null;
        var points = DirectoryLists.Newest([.. Points.Where(p => p.ProgramId != told.ProgramId).Append(told).OrderBy(p => p.OriginAt)], DirectoryLists.MaxPrograms);
        return points.Contains(told) ? With(points, Awards) : null;
    }

    /// <summary>The customer with what an event says that points were awarded for.</summary>
    /// <returns>Null where something newer is known, as many newer ones as are kept, or the customer was forgotten since.</returns>
    public DirectoryRecord? With(AwardedReference told)
    {
        if (told.OriginAt <= LearnsAfter || Awards.Any(a => a.EventKey == told.EventKey && (a.OriginAt > told.OriginAt || a == told))) return null;
        var awards = DirectoryLists.Newest([.. Awards.Where(a => a.EventKey != told.EventKey).Append(told).OrderBy(a => a.OriginAt)], DirectoryLists.MaxAwards);
        return awards.Contains(told) ? With(Points, awards) : null;
    }

    /// <summary>What is left when all is forgotten that was known up to a moment: what was said later, by whomever, and that events from before teach nothing.</summary>
    /// <param name="until">UTC ticks; <see cref="Never"/> for all of it.</param>
    public DirectoryRecord Forget(long until)
    {
        var learnsAfter = Math.Max(until, LearnsAfter);
        var kept = Array.ConvertAll(Origins(), o => o?.At > until ? o : null);
        var newest = kept.Append(Origin?.At > until ? Origin : null).MaxBy(o => o?.At);
        IReadOnlyList<CustomerPoints> points = [.. Points.Where(p => p.OriginAt > until)];
        IReadOnlyList<AwardedReference> awards = [.. Awards.Where(a => a.OriginAt > until)];
        if (newest is null) return new DirectoryRecord(Kind, Id, new string?[Kind.Fields.Count], null, null, learnsAfter) { Points = points, Awards = awards };
        return Of([.. Values.Select((value, i) => kept[i] is null ? null : value)], kept, newest, learnsAfter, points, awards);
    }

    private DirectoryRecord With(IReadOnlyList<CustomerPoints> points, IReadOnlyList<AwardedReference> awards) =>
        new(Kind, Id, Values, Origin, Exceptions, LearnsAfter) { _origins = _origins, Points = points, Awards = awards };

    private DirectoryRecord Of(string?[] values, FactOrigin?[] origins, FactOrigin newest, long learnsAfter, IReadOnlyList<CustomerPoints> points, IReadOnlyList<AwardedReference> awards)
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
        return new DirectoryRecord(Kind, Id, values, common, exceptions, learnsAfter) { _origins = origins, Points = points, Awards = awards };
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
