using System.Text.Encodings.Web;
using System.Text.Json;
using EnsAdmin.Data;
using EnsAdmin.Domain;

namespace EnsAdmin.Access;

/// <summary>Notes who changed what. The entry is saved with the change itself, by the same context: there is neither without the other.</summary>
public sealed class Audit(TimeProvider time)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="orgId">Null for what concerns the installation.</param>
    /// <param name="action">As <c>key.added</c>.</param>
    /// <param name="before">What is told of the former state, without any secret; null where there was none.</param>
    /// <param name="after">The same of the new state; null where nothing is left.</param>
    public void Add(EnsDbContext db, Actor by, int? orgId, string action, string subject, object? before, object? after) =>
        db.AuditEntries.Add(new AuditEntry(orgId, time.GetUtcNow(), by, action, subject, Text(before), Text(after)));

    private static string? Text(object? state) => state is null ? null : JsonSerializer.Serialize(state, Json);
}

/// <summary>What is wrong with a field.</summary>
/// <param name="Message">What would be right, in a sentence.</param>
public sealed record AccessError(string Field, string Message);
