using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Data;

/// <summary>
/// The one gate to the rows of organizations: who opens a context says whose rows it is for. A context that is opened any other way sees none, and none can
/// write a row of another organization.
/// </summary>
public sealed class EnsContexts(DbContextOptions<EnsDbContext> options)
{
    /// <summary>Sees and writes the rows of this organization, and what belongs to none.</summary>
    public EnsDbContext Of(int orgId) => new(options) { OrgId = orgId };

    /// <summary>The directory of this organization.</summary>
    public Task<DirectorySession> DirectoryOfAsync(int orgId, CancellationToken cancel = default) => DirectorySession.OpenAsync(Of(orgId), cancel);

    /// <summary>Sees and writes the rows of all. For the engine and for what operators do; a test names the places.</summary>
    public EnsDbContext OfInstallation() => new(options) { SeesAll = true };
}
