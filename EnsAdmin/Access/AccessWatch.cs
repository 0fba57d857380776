using EnsAdmin.Shared;
using Microsoft.Data.Sqlite;

namespace EnsAdmin.Access;

/// <summary>Sees what another process changes, such as a key that is revoked on the command line: half a second later it counts here. Open pages of the audit hear of every entry from here.</summary>
public sealed partial class AccessWatch(AccessTable table, Sessions sessions, ChangeFeed changes, TimeProvider time, ILogger<AccessWatch> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        table.Load();
        foreach (var organization in table.Organizations.Where(o => !TimeZoneInfo.TryFindSystemTimeZoneById(o.TimeZone, out _))) NoTimeZones(organization.TimeZone, organization.Name);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        long? seen = null;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    var now = table.Follow();
                    if (now == seen) continue;
                    seen = now;
                    sessions.Forget();
                    changes.Publish(Topics.Audit);
                }
                catch (SqliteException)
                {
                    // What is known stays good until the database can be read again; the writer says that it cannot.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
    }

    [LoggerMessage(LogLevel.Warning, "This machine has no time zone data (package tzdata) for {TimeZone}, so times of {Organization} are shown in UTC")]
    private partial void NoTimeZones(string timeZone, string organization);
}
