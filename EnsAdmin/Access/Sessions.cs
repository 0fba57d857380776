using System.Collections.Concurrent;
using System.Security.Claims;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Access;

/// <summary>
/// Who is signed in. Every request and every open page asks here; the answer is at most <see cref="Known"/> old, and anew at once when something was changed
/// in this process. Nothing else makes a cookie good: whatever takes away a person's trust ends the sessions.
/// </summary>
public sealed class Sessions(EnsContexts contexts, GroupCommitWriter writer, ChangeFeed changes, TimeProvider time)
{
    /// <summary>The claim of the cookie that names the session.</summary>
    public const string Claim = "ens:session";

    /// <summary>How long a session lasts without a request, and at most.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromHours(12), Longest = TimeSpan.FromDays(30);

    /// <summary>How late what another process changes is seen.</summary>
    public static readonly TimeSpan Known = TimeSpan.FromSeconds(5);

    private const int MaxKnown = 10_000;
    private const int MaxUserAgentLength = 256;
    private static readonly TimeSpan BetweenNotes = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<Guid, Entry> _known = new();
    private long _version;

    /// <summary>Null where the principal's session is over, or is none.</summary>
    public Person? Find(ClaimsPrincipal? principal) => Guid.TryParse(principal?.FindFirstValue(Claim), out var id) ? Find(id) : null;

    /// <summary>Null where the session is over: signed out, ended, too old, or its person was disabled.</summary>
    public Person? Find(Guid id)
    {
        var (now, version) = (time.GetUtcNow(), Interlocked.Read(ref _version));
        if (_known.TryGetValue(id, out var entry) && entry.Version == version && now - entry.ReadAt < Known) return entry.Person;
        var person = Read(id, now);
        if (_known.Count >= MaxKnown) _known.Clear();
        _known[id] = new Entry(person, now, version);
        return person;
    }

    /// <returns>The new session's id.</returns>
    public async Task<Guid> BeginAsync(string userId, string? remoteAddress, string? userAgent)
    {
        var session = new UserSession(userId, remoteAddress, userAgent is { Length: > MaxUserAgentLength } ? userAgent[..MaxUserAgentLength] : userAgent, time.GetUtcNow());
        await using var db = contexts.OfInstallation();
        db.UserSessions.Add(session);
        await db.SaveChangesAsync();
        changes.Publish(Topics.Sessions(userId));
        return session.Id;
    }

    /// <summary>The person's sessions that are not over, the one seen last first.</summary>
    public async Task<IReadOnlyList<UserSession>> OfAsync(string userId, CancellationToken cancel = default)
    {
        var now = time.GetUtcNow();
        await using var db = contexts.OfInstallation();
        return await db.UserSessions.AsNoTracking().Where(s => s.UserId == userId && s.EndedAt == null && s.LastSeenAt > now - Idle && s.CreatedAt > now - Longest)
            .OrderByDescending(s => s.LastSeenAt).ToListAsync(cancel);
    }

    /// <summary>Ends one session of the person; its pages are gone at once.</summary>
    public async Task EndAsync(string userId, Guid id)
    {
        await using var db = contexts.OfInstallation();
        if (await db.UserSessions.SingleOrDefaultAsync(s => s.Id == id && s.UserId == userId) is not { } session) return;
        session.End(time.GetUtcNow());
        await db.SaveChangesAsync();
        Changed(userId);
    }

    /// <summary>Ends all sessions of a person in a context of the caller's, who saves it and then calls <see cref="Changed"/>.</summary>
    /// <param name="keep">One that stays.</param>
    public async Task EndAllAsync(EnsDbContext db, string userId, Guid? keep)
    {
        foreach (var session in await db.UserSessions.Where(s => s.UserId == userId && s.EndedAt == null && s.Id != keep).ToListAsync()) session.End(time.GetUtcNow());
    }

    /// <summary>To be called after a change of the person, their sessions or their roles: it counts from now on, in open pages too.</summary>
    public void Changed(string userId)
    {
        Forget();
        changes.Publish(Topics.Sessions(userId));
    }

    /// <summary>Has the next question answered by the database.</summary>
    public void Forget() => Interlocked.Increment(ref _version);

    private Person? Read(Guid id, DateTimeOffset now)
    {
        using var db = contexts.OfInstallation();
        var found = (from s in db.UserSessions.AsNoTracking()
                     join u in db.Users on s.UserId equals u.Id
                     where s.Id == id && s.EndedAt == null && s.LastSeenAt > now - Idle && s.CreatedAt > now - Longest && u.DisabledAt == null
                     select new { u.Id, u.DisplayName, u.Email, u.IsOperator, s.RemoteAddress, s.LastSeenAt }).SingleOrDefault();
        if (found is null) return null;
        if (now - found.LastSeenAt >= BetweenNotes) Note(id, now);
        var roles = db.Memberships.AsNoTracking().Where(m => m.UserId == found.Id).ToDictionary(m => m.OrgId, m => m.Role);
        return new Person(found.Id, id, found.DisplayName, found.Email!, found.IsOperator, roles, found.RemoteAddress);
    }

    // In a commit that others wait for anyway. Where it cannot be written, it is noted with a later request.
    private void Note(Guid id, DateTimeOffset now) =>
        _ = writer.TryRunAsync(sql => sql.Care.SessionSeen(id, now.UtcTicks))?.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private sealed record Entry(Person? Person, DateTimeOffset ReadAt, long Version);
}
