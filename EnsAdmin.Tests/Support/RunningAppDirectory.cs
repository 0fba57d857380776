using EnsAdmin.Data;
using EnsAdmin.Directories;
using EnsAdmin.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Support;

/// <summary>Stores, tills and customers of a running application.</summary>
public static class RunningAppDirectory
{
    /// <summary>A store, a till, a customer and an import of the organization, all under one number; there are as many imports.</summary>
    public static async Task AddRecordsAsync(this RunningApp app, long id)
    {
        var writer = app.Services.GetRequiredService<GroupCommitWriter>();
        foreach (var kind in DirectoryKind.All)
            await writer.RunAsync(sql => sql.Directory.Apply(RunningApp.OrgId, kind, [Some.Fact(kind, id, kind == DirectoryKind.Customers ? ("instore.mobile", "919812345678") : ("code", "HC-01"))], FactOrigin.Api("ens_test", DateTimeOffset.UnixEpoch)));
        while (await app.AddImportAsync(RunningApp.OrgId, "customers.csv") < id) { }
    }

    /// <returns>The id of an import that has ended.</returns>
    public static async Task<long> AddImportAsync(this RunningApp app, int orgId, string name, string file = "customerId\n1\n")
    {
        var incoming = app.Services.GetRequiredService<ImportFiles>().Incoming();
        await File.WriteAllTextAsync(incoming, file);
        var store = app.Services.GetRequiredService<ImportStore>();
        var job = await store.AddAsync(orgId, new NewImport(DirectoryKind.Customers, name, ImportFormat.Csv, null, false, true), incoming, Some.Actor);
        await Eventually.HoldsAsync(async () => (await store.FindAsync(orgId, job.Id))!.HasEnded, () => "the import's end");
        return job.Id;
    }
}
