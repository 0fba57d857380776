using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
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
            sqlite => sqlite.UseQuerySplittingBehavior(QuerySplittingBehavior.SingleQuery)), optionsLifetime: ServiceLifetime.Singleton); // As of one moment, unless a query says otherwise.
        services.Configure<IdentityOptions>(o => o.Stores.SchemaVersion = IdentitySchemaVersions.Version3);
        services.AddSingleton<EnsContexts>();
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<GroupCommitWriter>(s, s.GetRequiredService<DataDirectory>().ConnectionString));
        services.AddDataProtection().SetApplicationName("EnsAdmin");
        services.AddOptions<Microsoft.AspNetCore.DataProtection.KeyManagement.KeyManagementOptions>().Configure<DataDirectory, ILoggerFactory>((keys, directory, logs) =>
            keys.XmlRepository = new Microsoft.AspNetCore.DataProtection.Repositories.FileSystemXmlRepository(Directory.CreateDirectory(directory.Keys), logs));
        services.AddSingleton<HeaderVault>();
        services.AddSingleton<WriteAheadLog>();
        return services;
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
