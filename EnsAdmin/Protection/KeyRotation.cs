using System.Security.Cryptography;
using EnsAdmin.Data;

namespace EnsAdmin.Protection;

/// <summary>The key files cannot be used; the message says what to do.</summary>
public sealed class KeysUnusableException(string message) : Exception(message);

/// <summary>
/// Makes a new key, encrypts everything anew that is kept under another, and removes the others. It can be broken off at any point: a file beside the keys
/// names the new one until all is done, and whoever comes next goes on with it.
/// </summary>
public sealed class KeyRotation
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    // Longer than a server at work takes to see a change of the keys, and to end what it has begun.
    private static readonly TimeSpan Settling = 4 * KeyWatch.Interval;

    // How long the ring may take to read its files again, of which some take a derivation each.
    private const int MostTries = 600;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(50);

    private readonly KeyRing _ring;
    private readonly KeySeals _seals;
    private readonly ProtectedValues _values;
    private readonly DataDirectory _directory;

    internal KeyRotation(KeyRing ring, KeySeals seals, ProtectedValues values, DataDirectory directory) => (_ring, _seals, _values, _directory) = (ring, seals, values, directory);

    private string Marker => Path.Combine(_directory.Keys, "rotation");

    /// <summary>Opens every key, so that a wrong passphrase ends the start and not, with a new key in their place, everything that is kept.</summary>
    /// <exception cref="KeysUnusableException">One cannot be opened.</exception>
    public void Check()
    {
        foreach (var key in _ring.GetAllKeys())
        {
            try
            {
                if (key.CreateEncryptor() is null) throw new CryptographicException();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new KeysUnusableException($"The key {key.KeyId} in {_directory.Keys} cannot be opened with the settings. Give what it was sealed with as {ProtectionOptions.Section}, or as {FormerProtectionOptions.Section} where it has changed.");
            }
        }
    }

    /// <summary>At the start, before anything is served: keys that are not sealed as the settings ask for are replaced, and a rotation that was broken off is ended.</summary>
    /// <exception cref="KeysUnusableException">A key cannot be opened.</exception>
    public async Task PrepareAsync()
    {
        Check();
        _values.SayLost(_ring.GetAllKeys().Select(k => k.KeyId).ToHashSet());
        if (File.Exists(Marker) || Directory.EnumerateFiles(Directory.CreateDirectory(_directory.Keys).FullName, "key-*.xml").Any(file => !_seals.IsRight(file))) await RunAsync(TimeSpan.Zero);
    }

    /// <summary>Also while a server is at work on the same data directory.</summary>
    /// <returns>How many values were encrypted anew.</returns>
    public Task<int> RunAsync() => RunAsync(Settling);

    private async Task<int> RunAsync(TimeSpan settling)
    {
        // Keys live by the system's own clock.
        var time = TimeProvider.System;
        if (!File.Exists(Marker) || !Guid.TryParse(await File.ReadAllTextAsync(Marker), out var keyId) || _ring.GetAllKeys().All(k => k.KeyId != keyId))
        {
            var now = time.GetUtcNow();
            keyId = _ring.CreateNewKey(now, now + Lifetime).KeyId;
            await File.WriteAllTextAsync(Marker, keyId.ToString());
        }

        _ring.Forget();
        for (var tries = 0; !_values.IsUnder(keyId) && tries < MostTries; tries++) await Task.Delay(BetweenTries, time);
        await Task.Delay(settling, time); // From here on, whatever is saved is saved under the new key.
        var count = _values.Renew(keyId);
        await Task.Delay(settling, time); // What was read before has been used by now.
        count += _values.Renew(keyId);
        _ring.DeleteAllBut(keyId);
        File.Delete(Marker);
        return count;
    }
}
