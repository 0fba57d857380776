using System.Text.Json;
using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Hosting;

/// <summary>Notes in the audit when the program starts with other settings than the last time. That one secret was put in another's place is not seen.</summary>
public sealed class SettingsRecord(EnsContexts contexts, EffectiveSettings settings, Audit audit)
{
    private const string Action = "settings.changed";
    private static readonly Actor Start = new("start of the program");

    public async Task NoteAsync()
    {
        await using var db = contexts.OfInstallation();
        var now = settings.All().ToDictionary(s => s.Key, s => s.Value);
        var last = await db.AuditEntries.Where(e => e.OrgId == null && e.Action == Action).OrderByDescending(e => e.At).ThenByDescending(e => e.Id).Select(e => e.After).FirstOrDefaultAsync();
        var before = last is null ? null : JsonSerializer.Deserialize<Dictionary<string, string>>(last);
        if (before is not null && before.Count == now.Count && before.All(s => now.GetValueOrDefault(s.Key) == s.Value)) return;
        // Whole, since the next start compares with it.
        db.AuditEntries.Add(audit.Whole(Start, null, Action, "settings", before, now));
        await db.SaveChangesAsync();
    }
}
