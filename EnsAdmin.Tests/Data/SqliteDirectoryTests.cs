using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Data;

/// <summary>What ingest is told of stores, tills and customers is right at once, whoever changed it.</summary>
public sealed class SqliteDirectoryTests
{
    private const int Org = RunningApp.OrgId;
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
    private static readonly DateTimeOffset Then = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly FactOrigin File = FactOrigin.Imported(12, Then);

    [Fact]
    public async Task One_look_brings_tills_with_their_stores_customers_points_and_awards()
    {
        await using var app = RunningApp.Start();
        var writer = app.Services.GetRequiredService<GroupCommitWriter>();
        await writer.RunAsync(sql =>
        {
            sql.Directory.Apply(Org, DirectoryKind.Stores, [Some.Fact(DirectoryKind.Stores, 8841, ("code", "HC-01"), ("name", "Old Harbour"))], File);
            sql.Directory.Apply(Org, DirectoryKind.Tills, [Some.Fact(DirectoryKind.Tills, 77, ("code", "T1"), ("storeId", "8841"))], File);
            sql.Directory.Apply(Org, DirectoryKind.Customers, Enumerable.Range(1, 100).Select(i => Some.Fact(DirectoryKind.Customers, i, ("instore.mobile", $"9190000{i}"))).ToList(), File);
            sql.Directory.Learn(Org, DirectoryKind.Customers,
            [
                new DirectoryLesson.Balance(42, new CustomerPoints(3, 150.5, "learned:pointsIssued:e-1", 10)), new DirectoryLesson.Balance(42, new CustomerPoints(3, 90, "learned:pointsIssued:e-0", 9)),
                new DirectoryLesson.Award(42, new AwardedReference("log-9", "5501", "POINTS", "learned:manualPointsAdjustment:e-2", 10)),
            ]);
            return true;
        });

        var (facts, statements) = await writer.RunAsync(sql =>
        {
            var before = sql.Statements;
            var needs = new DirectoryNeeds { Tills = { 77, 78 } };
            foreach (var i in Enumerable.Range(1, 101)) needs.Customers.Add(i);
            return (sql.Directory.Look(Org, needs), sql.Statements - before);
        });

        Assert.Equal("Old Harbour", facts.Stores[8841].Values[StoreFields.Name]);
        Assert.Equal("T1", Assert.Single(facts.Tills).Value.Values[TillFields.Code]);
        Assert.Equal((100, "919000042"), (facts.Customers.Count, facts.Customers[42].Values[CustomerFields.Mobile]));
        Assert.Equal(new CustomerPoints(3, 150.5, "learned:pointsIssued:e-1", 10), Assert.Single(facts.Customers[42].Points)); // What is older was not believed.
        Assert.Equal(("5501", "POINTS"), (facts.Customers[42].AwardOf("log-9")!.Reference, facts.Customers[42].AwardOf("log-9")!.ReferenceType));
        Assert.Null(facts.Customers[42].AwardOf("log-8"));
        Assert.Equal(3, statements);
    }

    [Fact]
    public async Task A_second_look_asks_the_database_nothing_until_something_changes()
    {
        await using var app = RunningApp.Start();
        var writer = app.Services.GetRequiredService<GroupCommitWriter>();
        await writer.RunAsync(sql => sql.Directory.Apply(Org, DirectoryKind.Stores, [Some.Fact(DirectoryKind.Stores, 1, ("name", "Quay"))], File));
        Assert.Equal("Quay", await NameAsync(1));
        Assert.Null(await NameAsync(2)); // Also that there is none is remembered.

        var asked = await writer.RunAsync(sql =>
        {
            var before = sql.Statements;
            sql.Directory.Find(Org, DirectoryKind.Stores, [1, 2]);
            return sql.Statements - before;
        });
        Assert.Equal(0, asked);

        await writer.RunAsync(sql => sql.Directory.Apply(Org, DirectoryKind.Stores, [Some.Fact(DirectoryKind.Stores, 1, ("name", "New Quay")), Some.Fact(DirectoryKind.Stores, 2, ("name", "Pier"))], File));
        Assert.Equal(("New Quay", "Pier"), (await NameAsync(1), await NameAsync(2)));

        await Assert.ThrowsAsync<InvalidDataException>(() => writer.RunAsync<bool>(sql =>
        {
            sql.Directory.Apply(Org, DirectoryKind.Stores, [Some.Fact(DirectoryKind.Stores, 1, ("name", "Undone"))], File);
            Assert.Equal("Undone", sql.Directory.Find(Org, DirectoryKind.Stores, [1])[1].Values[StoreFields.Name]);
            throw new InvalidDataException();
        }));
        Assert.Equal("New Quay", await NameAsync(1));

        await using (var other = new SqliteConnection(app.Services.GetRequiredService<DataDirectory>().ConnectionString))
        {
            await other.OpenAsync(Cancel);
            await using var change = new SqliteCommand("UPDATE Stores SET Name = 'Edited' WHERE StoreId = 1", other);
            await change.ExecuteNonQueryAsync(Cancel);
        }

        Assert.Equal("Edited", await NameAsync(1));
        Assert.True(await writer.RunAsync(sql => sql.Directory.Delete(Org, DirectoryKind.Stores, 1)));
        Assert.Null(await NameAsync(1));

        Task<string?> NameAsync(long id) => writer.RunAsync(sql => sql.Directory.Find(Org, DirectoryKind.Stores, [id]).GetValueOrDefault(id)?.Values[StoreFields.Name]);
    }

    [Fact]
    public async Task Of_more_than_it_can_remember_it_remembers_the_newest()
    {
        var cache = new DirectoryCache(size: 10);
        for (var i = 0; i < 1000; i++)
        {
            cache.Add(Org, i, null);
            Assert.True(cache.TryFind(Org, i, out _));
            Assert.InRange(cache.Count, 1, 10);
        }

        Assert.True(cache.TryFind(Org, 996, out _));
        Assert.False(cache.TryFind(Org, 900, out _));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Who_was_forgotten_is_not_learned_again_from_what_was_before()
    {
        await using var app = RunningApp.Start();
        var writer = app.Services.GetRequiredService<GroupCommitWriter>();
        var mobile = Some.Fact(DirectoryKind.Customers, 42, ("instore.mobile", "911"));
        await writer.RunAsync(sql => sql.Directory.Apply(Org, DirectoryKind.Customers, [mobile], File with { At = 50 }));
        await writer.RunAsync(sql => sql.Directory.Forget(Org, DirectoryKind.Customers, 42, 100));

        Assert.False(await TeachAsync(99));
        Assert.True(await TeachAsync(101));

        await writer.RunAsync(sql => sql.Directory.Forget(Org, DirectoryKind.Customers, 42, DirectoryRecord.Never));
        Assert.False(await TeachAsync(long.MaxValue - 1));
        Assert.Equal(1, (await writer.RunAsync(sql => sql.Directory.Apply(Org, DirectoryKind.Customers, [mobile], File))).Added);
        Assert.True(await TeachAsync(101));

        Task<bool> TeachAsync(long createdAt) => writer.RunAsync(sql =>
        {
            var origin = FactOrigin.Learned("customerUpdated", "e-1", createdAt);
            sql.Directory.Learn(Org, DirectoryKind.Customers, [new DirectoryLesson.Facts(mobile, origin), new DirectoryLesson.Balance(42, new CustomerPoints(0, createdAt, origin.Text, createdAt))]);
            var known = sql.Directory.Look(Org, new DirectoryNeeds { Customers = { 42 } }).Customers[42];
            Assert.Equal(known.IsForgotten, known.Points.Count == 0);
            return !known.IsForgotten;
        });
    }

    [Fact]
    public async Task A_balance_is_kept_of_a_customer_of_whom_nothing_else_is_known()
    {
        await using var app = RunningApp.Start();
        var writer = app.Services.GetRequiredService<GroupCommitWriter>();
        await writer.RunAsync(sql =>
        {
            sql.Directory.Learn(Org, DirectoryKind.Customers, [new DirectoryLesson.Balance(42, new CustomerPoints(3, 12, "learned:pointsIssued:e-1", 10))]);
            return true;
        });
        Assert.Equal(12, (await writer.RunAsync(sql => sql.Directory.Look(Org, new DirectoryNeeds { Customers = { 42 } }))).Customers[42].Points[0].Available);
        await using (var directory = await app.Services.GetRequiredService<EnsContexts>().DirectoryOfAsync(Org, Cancel))
            Assert.Equal((null, 0), (directory.Find(DirectoryKind.Customers, 42), directory.Page(DirectoryKind.Customers, -1, 10).Count)); // Nobody that a screen could show.

        Assert.Equal(1, (await writer.RunAsync(sql => sql.Directory.Apply(Org, DirectoryKind.Customers, [Some.Fact(DirectoryKind.Customers, 42, ("instore.mobile", "911"))], File))).Added);
        var known = (await writer.RunAsync(sql => sql.Directory.Look(Org, new DirectoryNeeds { Customers = { 42 } }))).Customers[42];
        Assert.Equal(("911", 12.0), (known.Values[CustomerFields.Mobile], known.Points[0].Available));
    }

    [Fact]
    public async Task Ids_of_any_length_are_kept_apart_and_paged_in_their_order()
    {
        long[] ids = [0, 5, uint.MaxValue - 1L, uint.MaxValue, uint.MaxValue + 1L, (1L << 40) + 5, long.MaxValue - 1, long.MaxValue];
        const int other = 1656; // The next number: its ids begin where those of the first would go on.
        await using var app = RunningApp.Start();
        var writer = app.Services.GetRequiredService<GroupCommitWriter>();
        foreach (var org in new[] { Org, other })
            foreach (var pass in new[] { "first", "again" })
                await writer.RunAsync(sql => sql.Directory.Apply(org, DirectoryKind.Customers, [.. ids.Reverse().Select(id => Some.Fact(DirectoryKind.Customers, id, ("instore.externalId", $"{pass} {org} {id}")))], File));

        foreach (var org in new[] { Org, other })
        {
            await using var directory = await app.Services.GetRequiredService<EnsContexts>().DirectoryOfAsync(org, Cancel);
            Assert.Equal(ids.Select(id => $"again {org} {id}"), directory.Page(DirectoryKind.Customers, -1, 100).Select(r => r.Values[CustomerFields.ExternalId]));
            foreach (var before in new[] { -2, -1 - (1L << 32), long.MinValue }) // Whatever is asked for, there is nothing of another organization.
            {
                Assert.Equal(ids, directory.Page(DirectoryKind.Customers, before, 100).Select(r => r.Id));
                Assert.Empty(directory.PageBefore(DirectoryKind.Customers, before, 100));
            }

            foreach (var size in new[] { 1, 3 })
            {
                var (forth, back) = (new List<long>(), new List<long>());
                while (directory.Page(DirectoryKind.Customers, forth.Count == 0 ? -1 : forth[^1], size) is { Count: > 0 } page) forth.AddRange(page.Select(r => r.Id));
                while (directory.PageBefore(DirectoryKind.Customers, back.Count == 0 ? long.MaxValue : back[0], size) is { Count: > 0 } page) back.InsertRange(0, page.Select(r => r.Id));
                Assert.Equal(ids, forth);
                Assert.Equal(ids[..^1], back);
            }
        }

        foreach (var id in ids) Assert.True(await writer.RunAsync(sql => sql.Directory.Delete(Org, DirectoryKind.Customers, id)));
        Assert.Empty(await writer.RunAsync(sql => sql.Directory.Find(Org, DirectoryKind.Customers, ids)));
        Assert.Equal(ids.Length, (await writer.RunAsync(sql => sql.Directory.Find(other, DirectoryKind.Customers, ids))).Count);
    }

    [Theory]
    [InlineData(CustomerTable.Find, "SEARCH c USING INTEGER PRIMARY KEY (rowid=?)")]
    [InlineData(CustomerTable.FindLong, "SEARCH c USING INDEX IX_Customers_LongIds (OrgId=? AND CustomerId=? AND rowid<?)")]
    public async Task Looking_up_a_hundred_customers_goes_by_their_number(string sql, string search)
    {
        await using var app = RunningApp.Start();
        await using var connection = new SqliteConnection(app.Services.GetRequiredService<DataDirectory>().ConnectionString);
        await connection.OpenAsync(Cancel);
        await using var explain = new SqliteCommand("EXPLAIN QUERY PLAN " + sql, connection);
        explain.Parameters.AddRange([new SqliteParameter("?1", Org), new SqliteParameter("?2", "[1,2]")]);
        await using var plan = await explain.ExecuteReaderAsync(Cancel);
        var lines = new List<string>();
        while (await plan.ReadAsync(Cancel)) lines.Add(plan.GetString(3));
        Assert.Equal(search, lines[1]);
    }
}
