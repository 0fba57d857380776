using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace EnsAdmin.Benchmarks;

/// <summary>How fast events are taken.</summary>
internal static class IngestRows
{
    /// <summary>Arrays of 100 against bare SQLite with the same rows, 256 a commit.</summary>
    public static async Task<Row> ArraysAsync(int events, int runs)
    {
        var pairs = new List<(double, double)>();
        for (var run = 0; run < runs; run++)
        {
            await using var product = await Product.StartAsync();
            await Load.PublishAsync(product.Url, events, _ => "pointsIssued"); // Warms it up.
            var arrays = Load.Arrays(events, "pointsIssued");
            var ours = await Load.TimeAsync(() => Load.PublishAsync(product.Url, arrays));
            var theirs = BareSqlite(product.Database, events);
            pairs.Add((events / ours.TotalSeconds, events / theirs.TotalSeconds));
        }

        return Report.Of("durable ingest, arrays of 100", pairs, 0.5, true, "events/s");
    }

    /// <summary>Single events from 64 clients against an endpoint that reads the body and answers 202.</summary>
    public static async Task<Row> SinglesAsync(int events, int runs)
    {
        var pairs = new List<(double, double)>();
        await using var sink = await SinkProcess.StartAsync();
        await using var product = await Product.StartAsync();
        for (var run = -1; run < runs; run++)
        {
            var ours = await Load.TimeAsync(() => Load.ForAsync(events, 64, _ => Load.PostAsync($"{product.Url}/v3/events", Load.Event())));
            var theirs = await Load.TimeAsync(() => Load.ForAsync(events, 64, _ => Load.PostAsync($"{sink.Url}/accept", Load.Event())));
            if (run >= 0) pairs.Add((events / ours.TotalSeconds, events / theirs.TotalSeconds)); // The first warms both up.
        }

        return Report.Of("durable ingest, single events from 64 clients", pairs, 0.2, true, "events/s");
    }

    /// <summary>The product's own table and indexes, in a database beside its own.</summary>
    private static TimeSpan BareSqlite(string database, int events)
    {
        var file = database + "-bare";
        string[] schema;
        using (var source = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False"))
        {
            source.Open();
            using var read = new SqliteCommand("SELECT sql FROM sqlite_master WHERE tbl_name = 'EventMessages' AND sql IS NOT NULL ORDER BY type DESC", source);
            using var rows = read.ExecuteReader();
            var found = new List<string>();
            while (rows.Read()) found.Add(rows.GetString(0));
            schema = [.. found];
        }

        using var bare = new SqliteConnection($"Data Source={file};Pooling=False");
        bare.Open();
        void Execute(string sql) { using var command = new SqliteCommand(sql, bare); command.ExecuteNonQuery(); }
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = FULL");
        foreach (var sql in schema) Execute(sql);
        var bodies = Enumerable.Range(0, events).Select(_ => Encoding.UTF8.GetBytes(Load.Event())).ToArray();
        var fingerprint = SHA256.HashData(bodies[0]);
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        using var insert = new SqliteCommand("""
            INSERT INTO EventMessages (OrgId, EventId, EventName, RefId, ApiRequestId, OccurredAt, AcceptedAt, Fingerprint, DeliveryCount, Body) VALUES (1655, $id, 'pointsIssued', $ref, $request, $at, $at, $print, 0, $body)
            """, bare);
        var parameters = new[] { "$id", "$ref", "$request", "$at", "$print", "$body" }.ToDictionary(n => n, n => insert.Parameters.Add(new SqliteParameter(n, null)));
        for (var i = 0; i < events;)
        {
            using var transaction = bare.BeginTransaction();
            insert.Transaction = transaction;
            for (var n = 0; n < 256 && i < events; n++, i++)
            {
                (parameters["$id"].Value, parameters["$ref"].Value, parameters["$request"].Value) = ($"b-{i}", $"1655_{i}", $"r-{i}");
                (parameters["$at"].Value, parameters["$print"].Value, parameters["$body"].Value) = (638_000_000_000_000_000L + i, fingerprint, bodies[i]);
                insert.ExecuteNonQuery();
            }

            transaction.Commit();
        }

        return System.Diagnostics.Stopwatch.GetElapsedTime(started);
    }
}
