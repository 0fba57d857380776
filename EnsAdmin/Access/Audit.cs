using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EnsAdmin.Data;
using EnsAdmin.Domain;

namespace EnsAdmin.Access;

/// <summary>Notes who changed what. The entry is saved with the change itself, by the same context or the same commit: there is neither without the other.</summary>
public sealed class Audit(TimeProvider time)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Has the entry saved with what else the context saves.</summary>
    /// <inheritdoc cref="Entry"/>
    public void Add(EnsDbContext db, Actor by, int? orgId, string action, string subject, object? before, object? after) => db.AuditEntries.Add(Entry(by, orgId, action, subject, before, after));

    /// <param name="orgId">Null for what concerns the installation.</param>
    /// <param name="action">As <c>key.added</c>; <see cref="AuditWords"/> has the words of each.</param>
    /// <param name="before">What is told of the former state, without any secret; null where there was none. Where there is a new state too, only what differs is kept.</param>
    /// <param name="after">The same of the new state; null where nothing is left.</param>
    public AuditEntry Entry(Actor by, int? orgId, string action, string subject, object? before, object? after)
    {
        var (was, now) = (State(before), State(after));
        if (was is not null && now is not null)
        {
            foreach (var same in was.Where(p => now.TryGetPropertyValue(p.Key, out var other) && JsonNode.DeepEquals(p.Value, other)).Select(p => p.Key).ToList())
            {
                was.Remove(same);
                now.Remove(same);
            }
        }

        return Whole(by, orgId, action, subject, was, now);
    }

    /// <summary>The same with both states in full.</summary>
    public AuditEntry Whole(Actor by, int? orgId, string action, string subject, object? before, object? after) =>
        new(orgId, time.GetUtcNow(), by, action, subject, State(before)?.ToJsonString(Json), State(after)?.ToJsonString(Json));

    private static JsonObject? State(object? state) => state is null ? null : (JsonObject?)JsonSerializer.SerializeToNode(state, Json);
}

/// <summary>What is wrong with a field.</summary>
/// <param name="Message">What would be right, in a sentence.</param>
public sealed record AccessError(string Field, string Message);
