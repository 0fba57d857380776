using EnsAdmin.Data;
using EnsAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Data;

public sealed class MigrationTests
{
    [Fact]
    public async Task The_model_has_no_change_without_a_migration()
    {
        await using var app = RunningApp.Start();
        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        Assert.False(db.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task An_older_database_is_brought_over_with_its_deliveries_counted()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("ens-test").FullName, "ens.db");
        await using var db = Open(file);
        await db.GetService<IMigrator>().MigrateAsync("Initial", TestContext.Current.CancellationToken);
        var hour = Some.Clock().GetUtcNow().UtcTicks;
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO Webhooks (Id, OrgId, Name, Url, Method, Active, MaxConnections, SlaSeconds, Enrichment, ConsumerGroupId, CreatedAt, CreatedBy, UpdatedAt, UpdatedBy, Version)
                VALUES ('w', 1655, 'orders', 'https://orders.example', 'POST', 1, 20, 30, '[]', '', 0, '', 0, '', 0);
            INSERT INTO Pulses VALUES ('w', 7, 'ServerError', '500', NULL, 7);
            INSERT INTO EventMessages VALUES (1, 1655, 'e-1', 'pointsIssued', NULL, NULL, 0, {hour}, x'00', 5, x'00');
            INSERT INTO Deliveries (Id, OrgId, WebhookId, EventMessageId, Status, Attempts, AcceptedAt, DueAt, ExpiresAt, LeaseUntil, EndedAt) VALUES
                (1, 1655, 'w', 1, 'Queued', 0, {hour}, 0, 0, NULL, NULL), (2, 1655, 'w', 1, 'ReplayScheduled', 2, {hour}, 0, 0, NULL, NULL),
                (3, 1655, 'w', 1, 'Claimed', 1, {hour}, 0, 0, 99, NULL), (4, 1655, 'w', 1, 'Delivered', 1, {hour}, 0, 0, NULL, {hour + TimeSpan.TicksPerSecond}),
                (5, 1655, 'w', 1, 'Rejected', 1, {hour + TimeSpan.TicksPerHour}, 0, 0, NULL, {hour});
            """, TestContext.Current.CancellationToken);

        await db.Database.MigrateAsync(TestContext.Current.CancellationToken);

        var counts = await db.DeliveryCounts.OrderBy(c => c.Hour).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal([(1, 2, 1, 0, 1000.0), (0, 0, 0, 1, 0.0)], counts.Select(c => (c.Pending, c.Retrying, c.Delivered, c.Failed, c.LatencyMs)));
        var pulse = await db.Pulses.SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal((3, "500"), (pulse.Waiting, pulse.LastReason));
        Assert.All(await db.Deliveries.ToListAsync(TestContext.Current.CancellationToken), d => Assert.Equal((null, EnsAdmin.Domain.AttemptTrigger.Scheduled), (d.SlaDueAt, d.Trigger)));
    }

    [Fact]
    public async Task Customers_are_brought_over_with_their_balances_and_awards()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("ens-test").FullName, "ens.db");
        await using var db = Open(file);
        await db.GetService<IMigrator>().MigrateAsync("MaskingAndComebacks", TestContext.Current.CancellationToken);
        const string cards = """[{"number":"C\"1"}]""", exceptions = """[["edited:Sam",9,[2]]]""";
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO Customers (OrgId, CustomerId, InstoreId, Mobile, Cards, Origin, OriginAt, Exceptions, LearnsAfter) VALUES
                (1655, 42, 7, 'q"uote', {cards}, 'imported:1', 5, {exceptions}, 3), (1655, 9007199254740993, NULL, '922', NULL, 'imported:1', 5, NULL, 0), (7, 42, NULL, NULL, NULL, '', 0, NULL, 99);
            INSERT INTO CustomerPoints (OrgId, CustomerId, ProgramId, Available, Origin, OriginAt) VALUES (1655, 42, 3, 150.5, 'learned:pointsIssued:e', 11), (1655, 43, 0, 2, 'learned:pointsIssued:f', 12);
            """, TestContext.Current.CancellationToken);
        for (var i = 0; i < 25; i++)
            await db.Database.ExecuteSqlAsync($"INSERT INTO AwardedReferences (OrgId, CustomerId, EventKey, Reference, ReferenceType, Origin, OriginAt) VALUES (1655, 42, {$"log-{i}"}, {$"{i}"}, NULL, 'learned:a:b', {100 + i})", TestContext.Current.CancellationToken);

        await db.Database.MigrateAsync(TestContext.Current.CancellationToken);

        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        var table = new CustomerTable(sql => new Statement(connection.Handle!, sql, () => { }));
        var customers = table.Current(1655, [42, 43, 9007199254740993]);
        var customer = customers[42];
        Assert.Equal(["7", "q\"uote", cards], customer.Values.OfType<string>());
        Assert.Equal(("imported:1", 5L, exceptions, 3L), (customer.Origin!.Text, customer.Origin.At, customer.Exceptions, customer.LearnsAfter));
        Assert.Equal([new EnsAdmin.Domain.CustomerPoints(3, 150.5, "learned:pointsIssued:e", 11)], customer.Points);
        Assert.Equal(Enumerable.Range(5, 20).Select(i => $"log-{i}"), customer.Awards.Select(a => a.EventKey));
        Assert.Equal((true, 2.0), (customers[43].IsForgotten, customers[43].Points[0].Available));
        Assert.Equal("922", customers[9007199254740993].Values[EnsAdmin.Domain.CustomerFields.Mobile]);
        Assert.Equal((true, 99L), (table.Current(7, [42])[42].IsForgotten, table.Current(7, [42])[42].LearnsAfter));
    }

    [Fact]
    public async Task A_database_of_one_organization_gets_its_row_and_loses_nothing()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("ens-test").FullName, "ens.db");
        await using var db = Open(file);
        await db.GetService<IMigrator>().MigrateAsync("ReplayedByHand", TestContext.Current.CancellationToken);
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO Webhooks (Id, OrgId, Name, Url, Method, Active, MaxConnections, SlaSeconds, Enrichment, ConsumerGroupId, CreatedAt, CreatedBy, UpdatedAt, UpdatedBy, Version, ReplayThrottled)
                VALUES ('w', 1655, 'orders', 'https://orders.example', 'POST', 1, 20, 30, {"{}"}, '0f8fad5b-d9cb-469f-a165-70867728950e', 42, 'admin', 42, 'admin', 3, 0);
            INSERT INTO WebhookHeaders (WebhookId, Position, Name, ProtectedValue) VALUES ('w', 0, 'X-Brand', 'sealed');
            INSERT INTO Subscriptions (WebhookId, EventName, OrgId) VALUES ('w', 'pointsIssued', 1655);
            INSERT INTO Pulses (WebhookId, Waiting) VALUES ('w', 1);
            INSERT INTO EventMessages (Id, OrgId, EventId, EventName, OccurredAt, AcceptedAt, Fingerprint, DeliveryCount, Body) VALUES
                (1, 1655, 'e-1', 'pointsIssued', 0, 0, x'00', 1, x'00'), (2, 7, 'e-2', 'pointsIssued', 0, 0, x'00', 0, x'00');
            INSERT INTO Deliveries (Id, OrgId, WebhookId, EventMessageId, Status, Attempts, "Trigger", AcceptedAt, DueAt, ExpiresAt) VALUES (1, 1655, 'w', 1, 'Queued', 0, 'Scheduled', 0, 0, 0);
            """, TestContext.Current.CancellationToken);

        await db.Database.MigrateAsync(TestContext.Current.CancellationToken);

        var organizations = await db.Organizations.OrderBy(o => o.OrgId).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal([(7, "Organization 7", "UTC"), (1655, "Organization 1655", "UTC")], organizations.Select(o => (o.OrgId, o.Name, o.TimeZone)));
        Assert.Equal(42, organizations[1].CreatedAt.UtcTicks);
        await using var one = new EnsContexts(Options(file)).Of(1655);
        var webhook = await one.Webhooks.SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(("orders", 3, "sealed", "pointsIssued"), (webhook.Name, webhook.Version, webhook.Headers[0].ProtectedValue, webhook.Subscriptions[0].EventName));
        Assert.Equal(1, (await one.Pulses.SingleAsync(TestContext.Current.CancellationToken)).Waiting);
        Assert.Equal("e-1", (await one.EventMessages.SingleAsync(TestContext.Current.CancellationToken)).EventId);
        Assert.Equal(1, await one.Deliveries.CountAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Tools_and_the_program_see_the_same_model()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("ens-test").FullName, "ens.db");
        await using var db = Open(file); // Without the program's services, as the tools open it.
        Assert.False(db.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_refused()
    {
        await using var app = RunningApp.Start();
        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        await db.Database.ExecuteSqlAsync($"INSERT INTO __EFMigrationsHistory VALUES ('29990101000000_FromTheFuture', '99.0.0')", TestContext.Current.CancellationToken);

        var refusal = await Assert.ThrowsAsync<DatabaseTooNewException>(() => app.Services.PrepareDatabaseAsync());

        Assert.Contains("newer EnsAdmin", refusal.Message);
    }

    private static EnsDbContext Open(string file) => new EnsContexts(Options(file)).OfInstallation();

    private static DbContextOptions<EnsDbContext> Options(string file) => new DbContextOptionsBuilder<EnsDbContext>().UseSqlite($"Data Source={file};Pooling=False").Options;
}
