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
            sql.Directory.SetPoints(Org, 42, 3, 150.5, FactOrigin.Learned("pointsIssued", "e-1", 10));
            sql.Directory.SetPoints(Org, 42, 3, 90, FactOrigin.Learned("pointsIssued", "e-0", 9));
            sql.Directory.SetAward(Org, 42, "log-9", "5501", "POINTS", FactOrigin.Learned("manualPointsAdjustment", "e-2", 10));
            return true;
        });

        var (facts, statements) = await writer.RunAsync(sql =>
        {
            var before = sql.Statements;
            var needs = new DirectoryNeeds { Tills = { 77, 78 }, PointsOf = { 42 }, Awards = { (42, "log-9"), (42, "log-8") } };
            foreach (var i in Enumerable.Range(1, 101)) needs.Customers.Add(i);
            return (sql.Directory.Look(Org, needs), sql.Statements - before);
        });

        Assert.Equal("Old Harbour", facts.Stores[8841].Values[StoreFields.Name]);
        Assert.Equal("T1", Assert.Single(facts.Tills).Value.Values[TillFields.Code]);
        Assert.Equal((100, "919000042"), (facts.Customers.Count, facts.Customers[42].Values[CustomerFields.Mobile]));
        Assert.Equal(new KnownPoints(3, 150.5, 10), Assert.Single(facts.Points[42])); // What is older was not believed.
        Assert.Equal(new KnownAward("5501", "POINTS"), Assert.Single(facts.Awards).Value);
        Assert.Equal(5, statements);
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
            await other.OpenAsync(TestContext.Current.CancellationToken);
            await using var change = new SqliteCommand("UPDATE Stores SET Name = 'Edited' WHERE StoreId = 1", other);
            await change.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
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
            sql.Directory.Learn(Org, DirectoryKind.Customers, [(mobile, origin)]);
            sql.Directory.SetPoints(Org, 42, 0, createdAt, origin);
            var facts = sql.Directory.Look(Org, new DirectoryNeeds { Customers = { 42 }, PointsOf = { 42 } });
            Assert.Equal(facts.Customers.ContainsKey(42), facts.Points[42].Any());
            return facts.Customers.ContainsKey(42);
        });
    }

    [Fact]
    public async Task Looking_up_a_hundred_customers_goes_by_their_key()
    {
        await using var app = RunningApp.Start();
        await using var connection = new SqliteConnection(app.Services.GetRequiredService<DataDirectory>().ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var explain = new SqliteCommand("EXPLAIN QUERY PLAN SELECT t.Mobile FROM json_each('[1,2]') j CROSS JOIN Customers t ON t.OrgId = 1655 AND t.CustomerId = j.value", connection);
        await using var plan = await explain.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var lines = new List<string>();
        while (await plan.ReadAsync(TestContext.Current.CancellationToken)) lines.Add(plan.GetString(3));
        Assert.Equal("SEARCH t USING PRIMARY KEY (OrgId=? AND CustomerId=?)", lines[1]);
    }
}
