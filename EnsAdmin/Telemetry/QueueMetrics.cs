using System.Diagnostics.Metrics;
using EnsAdmin.Data;
using Microsoft.Data.Sqlite;

namespace EnsAdmin.Telemetry;

/// <summary>How much waits and for how long, read when it is scraped, whatever the size of the tables.</summary>
public sealed class QueueMetrics
{
    private readonly DataDirectory _directory;
    private readonly GroupCommitWriter _writer;
    private readonly TimeProvider _time;
    private readonly Lock _reading = new();
    private long _oldest;
    private string _held = "";

    public QueueMetrics(IMeterFactory meters, DataDirectory directory, GroupCommitWriter writer, TimeProvider time)
    {
        (_directory, _writer, _time) = (directory, writer, time);
        var meter = meters.Create(EnsMeter.Name);
        meter.CreateObservableUpDownCounter("ens.deliveries.queued", Queued, "{delivery}", "Deliveries that wait for their first attempt or for a replay, or are being sent");
        meter.CreateObservableGauge("ens.deliveries.oldest_queued.age", OldestAge, "s", "Time since the oldest event was accepted that still waits; 0 when none does. What an inactive webhook holds is left out, and replays by hand of older ones are");
    }

    /// <summary>Deliveries that wait for their first attempt or for a replay, or are being sent.</summary>
    public long Queued() => Read("SELECT COALESCE(SUM(Waiting), 0) FROM Pulses", reader => reader.GetInt64(0));

    /// <summary>Seconds since the oldest event was accepted that still waits and is not held by an inactive webhook; 0 when none does.</summary>
    public double OldestAge()
    {
        lock (_reading)
        {
            // What has ended is passed once, and what is held as long as the same webhooks hold: the place reached is kept from one scrape to the next.
            var held = string.Join(',', _writer.Webhooks.All.Where(w => !w.Active).Select(w => $"'{w.Id}'").Order(StringComparer.Ordinal));
            if (held != _held) (_held, _oldest) = (held, 0);
            var newest = Read("SELECT COALESCE(MAX(Id), 0) FROM Deliveries", reader => reader.GetInt64(0));
            var (id, acceptedAt) = Read($"SELECT Id, AcceptedAt FROM Deliveries WHERE Id >= {_oldest} AND EndedAt IS NULL AND WebhookId NOT IN ({held}) ORDER BY Id LIMIT 1", reader => (reader.GetInt64(0), reader.GetInt64(1)));
            if (id == 0)
            {
                // An older one that somebody replays later is left out anyway.
                _oldest = newest;
                return 0;
            }

            _oldest = id;
            return Math.Max(0, (_time.GetUtcNow() - new DateTimeOffset(acceptedAt, TimeSpan.Zero)).TotalSeconds);
        }
    }

    private T Read<T>(string sql, Func<SqliteDataReader, T> read) where T : struct
    {
        using var connection = new SqliteConnection(_directory.ConnectionString);
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        using var reader = command.ExecuteReader();
        return reader.Read() ? read(reader) : default;
    }
}
