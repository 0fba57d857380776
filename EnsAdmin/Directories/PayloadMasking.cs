using EnsAdmin.Data;
using EnsAdmin.Domain;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Directories;

/// <summary>Goes through all that is stored of an organization's payloads, a piece at a time beside the live traffic, and masks one customer's identifiers.</summary>
public sealed class PayloadMasking(EnsContexts contexts, GroupCommitWriter writer, TimeProvider time)
{
    private const int AtOnce = 500;

    /// <summary>Deliveries that still wait send the masked payload.</summary>
    /// <param name="told">Told how many payloads were looked at.</param>
    /// <returns>How many were masked.</returns>
    public async Task<int> MaskAsync(int orgId, DirectoryRecord customer, Action<long>? told, CancellationToken cancel)
    {
        var mask = new PayloadMask(customer);
        var (looked, masked) = (0L, 0);
        foreach (var kind in Enum.GetValues<PayloadKind>())
        {
            for (var after = 0L; ;)
            {
                var piece = await ReadAsync(orgId, kind, after, cancel);
                var changed = piece.Select(p => (p.Id, Body: kind == PayloadKind.Answer ? mask.IsIn(p.Body) ? "***"u8.ToArray() : null : mask.Apply(p.Body)))
                    .Where(p => p.Body is not null).Select(p => new StoredPayload(kind, p.Id, p.Body!)).ToList();
                if (changed.Count > 0)
                {
                    await writer.RunAsync(sql =>
                    {
                        foreach (var payload in changed) sql.Imports.Mask(orgId, payload, time.GetUtcNow().UtcTicks);
                        return true;
                    });
                }

                masked += changed.Count;
                told?.Invoke(looked += piece.Count);
                if (piece.Count < AtOnce) break;
                after = piece[^1].Id;
            }
        }

        return masked;
    }

    private async Task<List<(long Id, byte[] Body)>> ReadAsync(int orgId, PayloadKind kind, long after, CancellationToken cancel)
    {
        await using var db = contexts.Of(orgId);
        var rows = kind switch
        {
            PayloadKind.Event => db.EventMessages.Where(e => e.Id > after).OrderBy(e => e.Id).Select(e => new { e.Id, Body = (byte[]?)e.Body }),
            PayloadKind.Enriched => db.EnrichedBodies.Where(b => b.Id > after && b.Body != null).OrderBy(b => b.Id).Select(b => new { b.Id, b.Body }),
            _ => db.Attempts.Where(a => a.Id > after && a.ResponseStart != null).OrderBy(a => a.Id).Select(a => new { a.Id, Body = a.ResponseStart }),
        };
        return [.. (await rows.Take(AtOnce).ToListAsync(cancel)).Select(r => (r.Id, r.Body!))];
    }
}
