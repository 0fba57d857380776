using EnsAdmin.Data;
using Microsoft.AspNetCore.DataProtection.KeyManagement;

namespace EnsAdmin.Protection;

/// <summary>The keys that everything kept secret is encrypted under. Its own rhythm is a look a day; <see cref="KeyWatch"/> makes it look when another process changed them.</summary>
internal sealed class KeyRing(XmlKeyManager inner) : IKeyManager, IDisposable
{
    private CancellationTokenSource _stale = new();

    public IKey CreateNewKey(DateTimeOffset activationDate, DateTimeOffset expirationDate) => inner.CreateNewKey(activationDate, expirationDate);

    public IReadOnlyCollection<IKey> GetAllKeys() => inner.GetAllKeys();

    public CancellationToken GetCacheExpirationToken() => CancellationTokenSource.CreateLinkedTokenSource(inner.GetCacheExpirationToken(), Volatile.Read(ref _stale).Token).Token;

    public void RevokeKey(Guid keyId, string? reason = null) => inner.RevokeKey(keyId, reason);

    public void RevokeAllKeys(DateTimeOffset revocationDate, string? reason = null) => inner.RevokeAllKeys(revocationDate, reason);

    /// <summary>Removes the files of all keys but one.</summary>
    public void DeleteAllBut(Guid keyId)
    {
        inner.DeleteKeys(key => key.KeyId != keyId);
        Forget();
    }

    /// <summary>Has the next use read the files again.</summary>
    public void Forget() => Interlocked.Exchange(ref _stale, new CancellationTokenSource()).Cancel();

    public void Dispose() => _stale.Dispose();
}

/// <summary>Sees when another process, such as a rotation on the command line, adds or removes keys.</summary>
internal sealed class KeyWatch(KeyRing ring, ProtectedValues values, DataDirectory directory, TimeProvider time) : BackgroundService
{
    /// <summary>How late it is seen.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var seen = Names();
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var now = Names();
                if (now is null || now == seen) continue;
                seen = now;
                ring.Forget();
                values.IsUnder(Guid.Empty); // It reads its files beside the first use and not before it: let that be this one.
            }
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
    }

    private string? Names()
    {
        try
        {
            return string.Join('\n', Directory.EnumerateFiles(directory.Keys, "*.xml").Order(StringComparer.Ordinal));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
