using System.Data.Common;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Data;

public static class DataServices
{
    /// <summary>The database and the key ring, both in <see cref="StorageOptions.DataDirectory"/>.</summary>
    public static IServiceCollection AddData(this IServiceCollection services)
    {
        services.AddSingleton<DataDirectory>();
        services.AddMetrics().AddSingleton<WriterMetrics>();
        services.AddDbContext<EnsDbContext>((s, options) => options.UseSqlite(s.GetRequiredService<DataDirectory>().ConnectionString,
            sqlite => sqlite.UseQuerySplittingBehavior(QuerySplittingBehavior.SingleQuery)) // As of one moment, unless a query says otherwise.
            .AddInterceptors(new LockPatience()), optionsLifetime: ServiceLifetime.Singleton);
        services.Configure<IdentityOptions>(o => o.Stores.SchemaVersion = IdentitySchemaVersions.Version3);
        services.AddSingleton<EnsContexts>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<GroupCommitWriter>(s, s.GetRequiredService<DataDirectory>().ConnectionString));
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<DirectoryReaders>(s, s.GetRequiredService<DataDirectory>().ConnectionString));
        services.AddDataProtection().SetApplicationName("EnsAdmin");
        services.AddOptions<Microsoft.AspNetCore.DataProtection.KeyManagement.KeyManagementOptions>().Configure<DataDirectory, ILoggerFactory>((keys, directory, logs) =>
            keys.XmlRepository = new Microsoft.AspNetCore.DataProtection.Repositories.FileSystemXmlRepository(Directory.CreateDirectory(directory.Keys), logs));
        services.AddSingleton<HeaderVault>().AddSingleton<ProtectedValues>();
        services.AddSingleton<WriteAheadLog>();
        return services;
    }
}

/// <summary>
/// Lets SQLite itself wait for the writer's commits, which takes a few milliseconds: the provider's own way is to sleep and to try again, a seventh of a second
/// at a time.
/// </summary>
internal sealed class LockPatience : DbConnectionInterceptor
{
    private const int Milliseconds = 5000;

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => SQLitePCL.raw.sqlite3_busy_timeout(((SqliteConnection)connection).Handle, Milliseconds);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        ConnectionOpened(connection, eventData);
        return Task.CompletedTask;
    }
}

/// <summary>Where the data lies.</summary>
public sealed class DataDirectory(IOptions<StorageOptions> options)
{
    /// <summary>The absolute path.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(options.Value.DataDirectory);

    public string Keys => System.IO.Path.Combine(Path, "keys");

    /// <summary>The database.</summary>
    public string File => System.IO.Path.Combine(Path, "ens.db");

    public string ConnectionString => new SqliteConnectionStringBuilder { DataSource = File }.ToString();
}
