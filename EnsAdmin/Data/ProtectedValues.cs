using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Data.Sqlite;

namespace EnsAdmin.Data;

/// <summary>Everything in the database that is encrypted, and how to encrypt it anew. A new such column belongs into <see cref="Places"/>.</summary>
public sealed partial class ProtectedValues(DataDirectory directory, IDataProtectionProvider protection, ILogger<ProtectedValues> log)
{
    /// <summary>What the values of <c>UserTokens</c> are encrypted for: keys of authenticator apps and recovery codes.</summary>
    public const string UserTokens = "EnsAdmin.UserTokens";

    public static readonly (string Table, string Column, string Purpose)[] Places = [("WebhookHeaders", "ProtectedValue", HeaderVault.Purpose), ("UserTokens", "Value", UserTokens)];

    private const int BatchSize = 100;

    // A protected value begins with four bytes that are always the same, and the key's id.
    private const int KeyAt = 4, KeyBytes = 16;

    /// <summary>Whether the ring encrypts under this key by now. After a change it answers as before until it has read its files again, which this sets off.</summary>
    public bool IsUnder(Guid keyId) => IsUnder(protection.CreateProtector(HeaderVault.Purpose).Protect("-"), keyId);

    /// <summary>Says in the log what none of these keys opens: a backup without the keys was put back.</summary>
    public void SayLost(IReadOnlySet<Guid> keys)
    {
        using var connection = new SqliteConnection(directory.ConnectionString);
        connection.Open();
        foreach (var (table, column, _) in Places)
        {
            var (lost, after) = (0, 0L);
            while (Batch(connection, table, column, after) is { Count: > 0 } rows)
            {
                after = rows[^1].Id;
                lost += rows.Count(r => KeyOf(r.Value) is not { } key || !keys.Contains(key));
            }

            if (lost > 0) KeysGone(lost, table, directory.Keys);
        }
    }

    /// <summary>Encrypts what is under another key, a hundred rows a transaction. A value that somebody changes meanwhile is left to them: it is under the new key then.</summary>
    /// <param name="keyId">The key that the ring encrypts under now.</param>
    /// <returns>How many there were.</returns>
    public int Renew(Guid keyId)
    {
        using var connection = new SqliteConnection(directory.ConnectionString);
        connection.Open();
        Run(connection, "PRAGMA busy_timeout = 5000; PRAGMA secure_delete = ON"); // What was there is overwritten with zeros.
        var count = Places.Sum(place => Renew(connection, place.Table, place.Column, protection.CreateProtector(place.Purpose), keyId));
        if (count > 0) Run(connection, "PRAGMA wal_checkpoint(TRUNCATE)"); // Where a server reads at this moment it does so a little later.
        return count;
    }

    private int Renew(SqliteConnection connection, string table, string column, IDataProtector protector, Guid keyId)
    {
        var (count, after) = (0, 0L);
        while (Batch(connection, table, column, after) is { Count: > 0 } rows)
        {
            after = rows[^1].Id;
            using var transaction = connection.BeginTransaction();
            foreach (var (id, value) in rows.Where(r => !IsUnder(r.Value, keyId)))
            {
                if (Anew(protector, value) is not { } renewed)
                {
                    Lost(table, id);
                    continue;
                }

                if (!IsUnder(renewed, keyId)) throw new InvalidOperationException("The ring does not encrypt under its new key.");
                using var update = new SqliteCommand($"UPDATE {table} SET {column} = $new WHERE rowid = $id AND {column} = $old", connection, transaction);
                update.Parameters.AddRange([new SqliteParameter("$new", renewed), new SqliteParameter("$id", id), new SqliteParameter("$old", value)]);
                count += update.ExecuteNonQuery();
            }
            transaction.Commit();
        }

        return count;
    }

    private static List<(long Id, string Value)> Batch(SqliteConnection connection, string table, string column, long after)
    {
        using var command = new SqliteCommand($"SELECT rowid, {column} FROM {table} WHERE rowid > $after AND {column} IS NOT NULL ORDER BY rowid LIMIT {BatchSize}", connection);
        command.Parameters.AddWithValue("$after", after);
        using var reader = command.ExecuteReader();
        var rows = new List<(long, string)>();
        while (reader.Read()) rows.Add((reader.GetInt64(0), reader.GetString(1)));
        return rows;
    }

    private static string? Anew(IDataProtector protector, string value)
    {
        try
        {
            return protector.Protect(protector.Unprotect(value));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static bool IsUnder(string value, Guid keyId) => KeyOf(value) == keyId;

    private static Guid? KeyOf(string value)
    {
        try
        {
            var bytes = WebEncoders.Base64UrlDecode(value);
            return bytes.Length > KeyAt + KeyBytes ? new Guid(bytes.AsSpan(KeyAt, KeyBytes)) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = new SqliteCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    [LoggerMessage(LogLevel.Error, "{Count} secrets in {Table} cannot be read: their keys are not in {Directory}. Put back the backup of the keys, or give the secrets anew")]
    private partial void KeysGone(int count, string table, string directory);

    [LoggerMessage(LogLevel.Warning, "A secret in {Table} (row {Id}) was lost before: no key opens it. Give it anew on its page")]
    private partial void Lost(string table, long id);
}
