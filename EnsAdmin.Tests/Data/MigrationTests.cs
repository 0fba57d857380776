using EnsAdmin.Data;
using EnsAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Data;

public sealed class MigrationTests
{
    [Fact]
    public async Task The_model_has_no_change_without_a_migration()
    {
        await using var app = RunningApp.Start();
        await using var db = await app.Services.GetRequiredService<IDbContextFactory<EnsDbContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        Assert.False(db.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_refused()
    {
        await using var app = RunningApp.Start();
        await using var db = await app.Services.GetRequiredService<IDbContextFactory<EnsDbContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        await db.Database.ExecuteSqlAsync($"INSERT INTO __EFMigrationsHistory VALUES ('29990101000000_FromTheFuture', '99.0.0')", TestContext.Current.CancellationToken);

        var refusal = await Assert.ThrowsAsync<DatabaseTooNewException>(() => app.Services.PrepareDatabaseAsync());

        Assert.Contains("newer EnsAdmin", refusal.Message);
    }
}
