using System.Diagnostics;
using EnsAdmin.Data;
using EnsAdmin.Dispatch;
using EnsAdmin.Telemetry;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EnsAdmin.Operations;

/// <summary>A part of the program and whether it works.</summary>
/// <param name="Reason">What is wrong; null while nothing is.</param>
public sealed record PartHealth(string Name, bool IsWell, string? Reason);

/// <summary>A webhook of any organization that fails.</summary>
public sealed record FailingWebhook(int OrgId, string Id, string Name, DateTimeOffset Since, string? Reason, int Waiting);

/// <summary>How the installation fares at one moment. Sizes in bytes.</summary>
/// <param name="RefusedSignIns">Of the last 24 hours.</param>
public sealed record SystemFigures(IReadOnlyList<PartHealth> Parts, long Waiting, TimeSpan OldestWaiting, int CallsInFlight, int FailingCount, IReadOnlyList<FailingWebhook> Failing,
    long FreeDisk, long Database, long WriteAheadLog, int Organizations, int People, int Operators, int Sessions, int Keys, int RefusedSignIns, DateTimeOffset StartedAt, long Memory);

/// <summary>Reads what an operator wants to know first.</summary>
public sealed class SystemStatus(EnsContexts contexts, DataDirectory directory, HealthCheckService health, QueueMetrics queue, DueBoard due, TimeProvider time)
{
    private const int MostFailing = 20;

    public async Task<SystemFigures> ReadAsync(CancellationToken cancel = default)
    {
        var report = await health.CheckHealthAsync(c => c.Tags.Contains("ready"), cancel);
        var now = time.GetUtcNow();
        await using var db = contexts.OfInstallation();
        var failing = from p in db.Pulses.AsNoTracking()
                      join w in db.Webhooks on p.WebhookId equals w.Id
                      where p.FailingSince != null && w.DeletedAt == null && w.Active
                      select new { w.OrgId, w.Id, w.Name, p.FailingSince, p.LastReason, p.Waiting };
        var longest = await failing.OrderBy(f => f.FailingSince).Take(MostFailing).ToListAsync(cancel);
        using var process = Process.GetCurrentProcess();
        return new(
            [.. report.Entries.Select(e => new PartHealth(e.Key, e.Value.Status == HealthStatus.Healthy, e.Value.Description))],
            queue.Queued(), TimeSpan.FromSeconds(queue.OldestAge()), due.CallsInFlight, await failing.CountAsync(cancel),
            [.. longest.Select(f => new FailingWebhook(f.OrgId, f.Id, f.Name, f.FailingSince!.Value, f.LastReason, f.Waiting))],
            new DriveInfo(directory.Path).AvailableFreeSpace, Size(directory.File), Size(directory.File + "-wal"),
            await db.Organizations.CountAsync(o => o.DeletedAt == null, cancel), await db.Users.CountAsync(u => u.DisabledAt == null, cancel), await db.Users.CountAsync(u => u.DisabledAt == null && u.IsOperator, cancel),
            await db.UserSessions.CountAsync(s => s.EndedAt == null && s.LastSeenAt > now - Access.Sessions.Idle && s.CreatedAt > now - Access.Sessions.Longest, cancel),
            await db.ApiKeys.CountAsync(k => k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now), cancel),
            await db.AuditEntries.CountAsync(e => e.At > now.AddDays(-1) && e.Action == "user.signInRefused", cancel),
            process.StartTime.ToUniversalTime(), process.WorkingSet64);
    }

    private static long Size(string file) => new FileInfo(file) is { Exists: true } found ? found.Length : 0;
}

public static class OperationsServices
{
    public static IServiceCollection AddOperations(this IServiceCollection services) => services.AddSingleton<SystemStatus>();
}
