using System.ComponentModel.DataAnnotations;
using EnsAdmin.Data;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Dispatch;

/// <summary>How long history is kept: section <c>Ens:Retention</c>.</summary>
public sealed class RetentionOptions
{
    public const string Section = "Ens:Retention";

    /// <summary>Days after which an event, its deliveries and attempts are deleted. A delivery that still waits is kept until it has ended.</summary>
    [Range(1, 3650)]
    public int Days { get; set; } = 30;
}

/// <summary>Deletes what is older than is kept, in small pieces that share commits with everybody else's work.</summary>
public sealed class Retention(GroupCommitWriter writer, IOptions<RetentionOptions> options, TimeProvider time)
{
    private const int Piece = 100;
    private const int EarlierPiece = 1000;

    public async Task DeleteOldAsync(CancellationToken cancel)
    {
        var before = (time.GetUtcNow() - TimeSpan.FromDays(options.Value.Days)).UtcTicks;
        await InPiecesAsync((sql, after) => sql.DeleteDeliveries(after, before, Piece), cancel);
        await InPiecesAsync((sql, after) => sql.DeleteEvents(after, before, Piece), cancel);
        await writer.RunAsync(sql =>
        {
            sql.Care.DeleteSums(before);
            return true;
        });
    }

    /// <summary>Drops records of the directory as they were before a change, which no event needs any more that waits for its payload.</summary>
    public async Task DropEarlierRecordsAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested && await writer.RunAsync(sql => sql.Directory.DropEarlier(EarlierPiece)) == EarlierPiece) { }
    }

    private async Task InPiecesAsync(Func<SqliteCare, long, long?> delete, CancellationToken cancel)
    {
        for (long? after = 0; after is { } last && !cancel.IsCancellationRequested;) after = await writer.RunAsync(sql => delete(sql.Care, last));
    }
}
