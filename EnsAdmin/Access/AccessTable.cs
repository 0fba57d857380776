using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using EnsAdmin.Data;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Access;

/// <summary>
/// The organizations and keys in use, in memory: no request with a good key asks the database for them. Whoever changes them here calls <see cref="Load"/>;
/// what another process changes is seen by <see cref="Follow"/>.
/// </summary>
public sealed class AccessTable(EnsContexts contexts, DataDirectory directory) : IDisposable
{
    private readonly Lock _loading = new();
    private volatile State? _state;
    private AuditPosition? _audit;
    private long _position = -1;

    /// <summary>Those in use, by name.</summary>
    public IReadOnlyList<KnownOrganization> Organizations => Current.Organizations;

    public KnownOrganization? FindOrganization(int orgId) => Current.ById.GetValueOrDefault(orgId);

    /// <summary>A key that is not revoked; it may have expired. One that was added on the command line a moment ago is found, too.</summary>
    public bool TryFindKey(ReadOnlySpan<char> id, [NotNullWhen(true)] out KnownKey? key)
    {
        if (Current.KeyById.TryGetValue(id, out key)) return true;
        Follow();
        return Current.KeyById.TryGetValue(id, out key);
    }

    /// <summary>Reads both anew.</summary>
    public void Load()
    {
        lock (_loading)
        {
            using var db = contexts.OfInstallation();
            var organizations = db.Organizations.AsNoTracking().Where(o => o.DeletedAt == null).OrderBy(o => o.Name).ThenBy(o => o.OrgId).AsEnumerable()
                .Select(o => new KnownOrganization(o.OrgId, o.Name, o.TimeZone, o.LearnsFromEvents)).ToList();
            var keys = db.ApiKeys.AsNoTracking().Where(k => k.RevokedAt == null && db.Organizations.Any(o => o.OrgId == k.OrgId && o.DeletedAt == null)).OrderBy(k => k.Id).ToList();
            _state = new State(organizations, keys.Select(k => new KnownKey(k)));
        }
    }

    /// <summary>Reads both anew where something was changed, by whichever process.</summary>
    /// <returns>How far the audit had come, which tells one state from another.</returns>
    public long Follow()
    {
        lock (_loading)
        {
            _audit ??= new AuditPosition(directory);
            var now = _audit.Read();
            if (now == _position) return now;
            Load();
            return _position = now;
        }
    }

    public void Dispose() => _audit?.Dispose();

    private State Current
    {
        get
        {
            if (_state is null) Load();
            return _state!;
        }
    }

    private sealed class State(IReadOnlyList<KnownOrganization> organizations, IEnumerable<KnownKey> keys)
    {
        public IReadOnlyList<KnownOrganization> Organizations => organizations;
        public FrozenDictionary<int, KnownOrganization> ById { get; } = organizations.ToFrozenDictionary(o => o.Id);
        public FrozenDictionary<string, KnownKey>.AlternateLookup<ReadOnlySpan<char>> KeyById { get; } = keys.ToFrozenDictionary(k => k.Id).GetAlternateLookup<ReadOnlySpan<char>>();
    }
}

/// <summary>An organization in use.</summary>
/// <param name="TimeZone">IANA id.</param>
/// <param name="LearnsFromEvents">Whether passing events teach its directory.</param>
public sealed record KnownOrganization(int Id, string Name, string TimeZone, bool LearnsFromEvents)
{
    /// <summary>UTC where the machine does not know the zone.</summary>
    public TimeZoneInfo Zone => TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone) ? zone : TimeZoneInfo.Utc;
}
