using EnsAdmin.Data;
using EnsAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Data;

public sealed class GroupCommitWriterTests
{
    [Fact]
    public async Task Work_that_fails_does_not_take_its_neighbours_along()
    {
        await using var app = RunningApp.Start();
        var writer = app.Services.GetRequiredService<GroupCommitWriter>();
        var now = TimeProvider.System.GetUtcNow().UtcTicks; // Anything older than is kept would be deleted meanwhile.
        var message = new NewEvent(RunningApp.OrgId, "", "pointsIssued", null, null, now, [1], [2]);

        var works = Enumerable.Range(0, 50).Select(i => writer.RunAsync(sql =>
        {
            var id = sql.InsertEvent(message with { EventId = $"e-{i}" }, 0, now);
            return i % 7 == 3 ? throw new InvalidDataException("no good") : id;
        })).ToArray();
        await Task.WhenAll(works).ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.All(works.Index(), work => Assert.Equal(work.Index % 7 == 3, work.Item.IsFaulted));
        for (var i = 0; i < 50; i++)
        {
            var again = await writer.RunAsync(sql => sql.InsertEvent(message with { EventId = $"e-{i}" }, 0, now));
            Assert.Equal(i % 7 == 3, again is not null);
        }
    }

    [Fact]
    public async Task What_is_late_is_found_by_an_index_of_what_is_open()
    {
        await using var app = RunningApp.Start();
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection(app.Services.GetRequiredService<DataDirectory>().ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var explain = connection.CreateCommand();
        explain.CommandText = """EXPLAIN QUERY PLAN SELECT Id FROM Deliveries WHERE "EndedAt" IS NULL AND "SlaBreachedAt" IS NULL AND "SlaDueAt" < @now ORDER BY "SlaDueAt" LIMIT 500""";
        explain.Parameters.AddWithValue("@now", 1L);

        Assert.Equal("SEARCH Deliveries USING INDEX IX_Deliveries_Sla (SlaDueAt<?)", await PlanAsync(explain));
    }

    [Fact]
    public async Task Claiming_and_what_is_due_go_by_an_index_and_never_scan()
    {
        await using var app = RunningApp.Start();
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection(app.Services.GetRequiredService<DataDirectory>().ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var explain = connection.CreateCommand();
        explain.CommandText = """
            EXPLAIN QUERY PLAN SELECT Id FROM Deliveries WHERE WebhookId = 'x' AND "Status" IN ('Queued', 'ReplayScheduled') AND DueAt <= 1 AND ExpiresAt > 1 ORDER BY DueAt LIMIT 5
            """;
        Assert.Contains("IX_Deliveries_Due", await PlanAsync(explain), StringComparison.Ordinal);
    }

    private static async Task<string> PlanAsync(Microsoft.Data.Sqlite.SqliteCommand explain)
    {
        await using var plan = await explain.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var lines = new List<string>();
        while (await plan.ReadAsync(TestContext.Current.CancellationToken)) lines.Add(plan.GetString(3));
        return Assert.Single(lines);
    }
}
