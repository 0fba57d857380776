using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Directories;

/// <summary><c>/v3/directory/stores|tills|customers</c>: many at once in, one or a page of them out.</summary>
public static class DirectoryApi
{
    private const int DefaultLimit = 100, MaxLimit = 1000;

    public static IServiceCollection AddDirectory(this IServiceCollection services) => services.AddSingleton<PayloadMasking>().AddSingleton<DirectoryStore>()
        .AddSingleton<ImportFiles>().AddSingleton<ImportBell>().AddSingleton<ImportStore>().AddSingleton<ImportRunner>().AddHostedService(s => s.GetRequiredService<ImportRunner>());

    public static void MapDirectoryApi(this IEndpointRouteBuilder routes)
    {
        foreach (var kind in DirectoryKind.All)
        {
            var api = routes.MapGroup($"/v3/directory/{kind.Name}").DisableAntiforgery();
            api.MapPut("", (HttpContext http, GroupCommitWriter writer, ChangeFeed changes, Audit audit, ApiCaller caller, IOptions<DirectoryOptions> options, TimeProvider time) =>
                PutAsync(http, kind, writer, changes, audit, caller, options.Value, time)).RequireScope(Scopes.DirectoryWrite);
            api.MapGet("", (string? search, long? cursor, int? limit, DirectoryStore store, ApiCaller caller, CancellationToken cancel) =>
                ListAsync(kind, search, cursor, limit, store, caller, cancel)).RequireScope(Scopes.DirectoryRead).RefuseUnknownQuery();
            api.MapGet("{id}", async (string id, DirectoryStore store, ApiCaller caller, CancellationToken cancel) =>
                FieldRules.IsId(id, out var number) && await store.FindAsync(caller.OrgId, kind, number, cancel) is { } found ? ApiBody.Ok(RecordShape.Of(kind, found)) : Unknown(kind, id)).RequireScope(Scopes.DirectoryRead);
            api.MapDelete("{id}", async (string id, HttpContext http, DirectoryStore store, ApiCaller caller, CancellationToken cancel) =>
                FieldRules.IsId(id, out var number) && await store.DeleteAsync(caller.OrgId, kind, number, caller.Actor(http), cancel) is { } deleted ? ApiBody.Ok(RecordShape.Of(kind, deleted)) : Unknown(kind, id)).RequireScope(Scopes.DirectoryWrite);
        }
    }

    private static async Task<IResult> PutAsync(HttpContext http, DirectoryKind kind, GroupCommitWriter writer, ChangeFeed changes, Audit audit, ApiCaller caller, DirectoryOptions options, TimeProvider time)
    {
        var (records, refused) = await BulkReader.ReadAsync(http, kind, options.MaxRequestBytes);
        if (refused is not null) return refused;
        var by = caller.Actor(http);
        var writing = writer.TryRunAsync(sql =>
        {
            var counts = sql.Directory.Apply(caller.OrgId, kind, records, FactOrigin.Api(caller.KeyId, time.GetUtcNow()));
            if (counts.Added + counts.Changed > 0) sql.Care.Note(audit.Entry(by, caller.OrgId, "directory.written", kind.Name, null, new { counts.Added, counts.Changed, counts.Unchanged }));
            return counts;
        });
        if (writing is null)
        {
            http.Response.Headers.RetryAfter = "1";
            return ApiBody.Fail(StatusCodes.Status429TooManyRequests, new ApiError(429, "More waits to be written than can be taken; send this again in a second."));
        }

        var counts = await writing;
        if (counts.Added + counts.Changed > 0) changes.Publish(Topics.Directory(caller.OrgId));
        return ApiBody.Ok(new { counts.Added, counts.Changed, counts.Unchanged });
    }

    private static async Task<IResult> ListAsync(DirectoryKind kind, string? search, long? cursor, int? limit, DirectoryStore store, ApiCaller caller, CancellationToken cancel)
    {
        if (limit is < 1 or > MaxLimit) return ApiBody.Fail(StatusCodes.Status400BadRequest, new ApiError(400, $"limit must be from 1 to {MaxLimit}."));
        var page = string.IsNullOrWhiteSpace(search)
            ? await store.PageAsync(caller.OrgId, kind, cursor ?? -1, limit ?? DefaultLimit, cancel)
            : await store.SearchPageAsync(caller.OrgId, kind, search, cursor ?? -1, limit ?? DefaultLimit, cancel);
        return ApiBody.Ok(new Dictionary<string, object?> { [kind.Name] = page.Records.Select(r => RecordShape.Of(kind, r)), ["nextCursor"] = page.HasMore ? page.Records[^1].Id : null });
    }

    private static IResult Unknown(DirectoryKind kind, string id) => ApiBody.Fail(StatusCodes.Status404NotFound, new ApiError(400, $"There is no {kind.One} '{id}'."));
}
