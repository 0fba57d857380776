using EnsAdmin.Data;

namespace EnsAdmin.Access;

/// <summary>Writes down when keys were used, in commits that others wait for anyway.</summary>
public sealed class KeyUses(GroupCommitWriter writer)
{
    /// <summary>Returns at once. Where it cannot be written, it is noted with a later use.</summary>
    public void Note(string keyId, DateTimeOffset now) =>
        _ = writer.TryRunAsync(sql => sql.Care.KeyUsed(keyId, now.UtcTicks))?.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
