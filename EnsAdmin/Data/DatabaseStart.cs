using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using static EnsAdmin.Data.SqliteCodes;

namespace EnsAdmin.Data;

/// <summary>The database file cannot be used; the message says what to do.</summary>
public sealed class DatabaseUnusableException(string file, SqliteException cause) : Exception(cause.SqliteErrorCode switch
{
    Corrupt or NotADatabase => $"The database {file} is damaged. Put a backup in its place, or move it away to begin with an empty one.",
    ReadOnly or CantOpen => $"The database {file} cannot be written. Let the user that runs EnsAdmin write it and its directory.",
    Busy => $"The database {file} is locked by another program. Close that one, then start again.",
    Full => $"The database {file} cannot grow: the disk is full. Make room, then start again.",
    _ => $"The database {file} cannot be used: {cause.Message}",
}, cause);

/// <summary>The database was written by a newer version of the program.</summary>
public sealed class DatabaseTooNewException(string path) :
    Exception($"The database in {path} was written by a newer EnsAdmin. Start that version, or give another Ens:DataDirectory.");

public static class DatabaseStart
{
    /// <summary>Whether the database is there and of this version.</summary>
    /// <exception cref="DatabaseUnusableException">It is damaged, locked or cannot be read.</exception>
    public static async Task<bool> IsDatabaseCurrentAsync(this IServiceProvider services)
    {
        var directory = services.GetRequiredService<DataDirectory>();
        if (!File.Exists(directory.File)) return false;
        try
        {
            await using var db = services.GetRequiredService<EnsContexts>().OfInstallation();
            return db.Database.GetMigrations().SequenceEqual(await db.Database.GetAppliedMigrationsAsync());
        }
        catch (SqliteException e)
        {
            throw new DatabaseUnusableException(directory.File, e);
        }
    }

    /// <summary>Creates the database, or brings it up to this version.</summary>
    /// <exception cref="DatabaseUnusableException">It is damaged, locked or cannot be written.</exception>
    /// <exception cref="DatabaseTooNewException">It has migrations that this program does not know.</exception>
    public static async Task PrepareDatabaseAsync(this IServiceProvider services)
    {
        var directory = services.GetRequiredService<DataDirectory>();
        Directory.CreateDirectory(directory.Path);
        try
        {
            await using var db = services.GetRequiredService<EnsContexts>().OfInstallation();
            var known = db.Database.GetMigrations().ToHashSet();
            if ((await db.Database.GetAppliedMigrationsAsync()).Any(applied => !known.Contains(applied))) throw new DatabaseTooNewException(directory.Path);
            await db.Database.MigrateAsync();
        }
        catch (SqliteException e)
        {
            throw new DatabaseUnusableException(directory.File, e);
        }
    }
}
