using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Data;

/// <summary>The database was written by a newer version of the program.</summary>
public sealed class DatabaseTooNewException(string path) :
    Exception($"The database in {path} was written by a newer EnsAdmin. Start that version, or give another Ens:DataDirectory.");

public static class DatabaseStart
{
    /// <summary>Creates the database, or brings it up to this version.</summary>
    /// <exception cref="DatabaseTooNewException">It has migrations that this program does not know.</exception>
    public static async Task PrepareDatabaseAsync(this IServiceProvider services)
    {
        var directory = services.GetRequiredService<DataDirectory>();
        Directory.CreateDirectory(directory.Path);
        await using var db = await services.GetRequiredService<IDbContextFactory<EnsDbContext>>().CreateDbContextAsync();
        var known = db.Database.GetMigrations().ToHashSet();
        if ((await db.Database.GetAppliedMigrationsAsync()).Any(applied => !known.Contains(applied))) throw new DatabaseTooNewException(directory.Path);
        await db.Database.MigrateAsync();
    }
}
