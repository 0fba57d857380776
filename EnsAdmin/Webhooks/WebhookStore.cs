using System.Globalization;
using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Webhooks;

/// <summary>Keeps the webhooks of an organization, for the screens and the API alike.</summary>
public sealed class WebhookStore(
    EnsContexts contexts, WebhookInputValidator validator, HeaderVault vault, Audit audit, ChangeFeed changes, TimeProvider time)
{
    /// <summary>Raised after a change is committed, so that the dispatcher takes it up.</summary>
    public event Action? Changed;

    /// <summary>Raised, with its id, where calls that failed may succeed after a change: it is called another way, or active again.</summary>
    public event Action<string>? Mended;

    public async Task<WebhookDetails?> FindAsync(int orgId, string id, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        return await Kept(db).AsNoTracking().SingleOrDefaultAsync(w => w.Id == id, cancel) is { } webhook ? Details(webhook) : null;
    }

    /// <summary>Also one that was deleted: its history is still there to be read.</summary>
    public async Task<WebhookDetails?> FindEvenDeletedAsync(int orgId, string id, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        return await db.Webhooks.AsNoTracking().SingleOrDefaultAsync(w => w.Id == id, cancel) is { } webhook ? Details(webhook) : null;
    }

    public async Task<IReadOnlyList<WebhookDetails>> AllAsync(int orgId, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        return [.. (await Kept(db).AsNoTracking().AsSplitQuery().OrderBy(w => w.Name).ToListAsync(cancel)).Select(Details)];
    }

    public async Task<bool> IsNameTakenAsync(int orgId, string name, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        return await IsNameTakenAsync(db, name, cancel);
    }

    /// <summary>Deliveries of the webhook that wait for an attempt.</summary>
    public async Task<int> CountWaitingAsync(int orgId, string id, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        return await Kept(db).Where(w => w.Id == id).Join(db.Pulses, w => w.Id, p => p.WebhookId, (_, p) => p.Waiting).SingleOrDefaultAsync(cancel);
    }

    public async Task<SaveResult> CreateAsync(int orgId, WebhookInput input, Actor by, CancellationToken cancel = default)
    {
        var errors = await CheckAsync(orgId, (Webhook?)null, input, cancel);
        if (errors.Count > 0) return new SaveResult.Invalid(errors);

        await using var db = contexts.Of(orgId);
        // One after the other from here on: of two that want the same name, the second finds it taken.
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await IsNameTakenAsync(db, input.Name, cancel)) return new SaveResult.Invalid([NameTaken]);
        var now = time.GetUtcNow();
        var webhook = new Webhook(orgId, input.Name, by.Name, now);
        Apply(webhook, input);
        db.Webhooks.Add(webhook);
        audit.Add(db, by, orgId, "webhook.added", Subject(webhook), null, WebhookTold.Of(Details(webhook)));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        Announce(orgId);
        return new SaveResult.Saved(Details(webhook));
    }

    /// <param name="expectedVersion">The version the caller started from; null overwrites whatever is there.</param>
    public async Task<SaveResult> UpdateAsync(int orgId, string id, WebhookInput input, int? expectedVersion, Actor by, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        if (await Kept(db).SingleOrDefaultAsync(w => w.Id == id, cancel) is not { } webhook) return new SaveResult.NotFound();
        if (expectedVersion is { } expected && expected != webhook.Version) return new SaveResult.Conflict(Details(webhook));

        var errors = await CheckAsync(orgId, webhook, input, cancel);
        if (errors.Count > 0) return new SaveResult.Invalid(errors);

        var (before, renewed) = (Details(webhook), Renewed(webhook, input));
        Apply(webhook, input);
        webhook.Touch(by.Name, time.GetUtcNow());
        audit.Add(db, by, orgId, "webhook.changed", Subject(webhook), WebhookTold.Of(before), WebhookTold.Of(Details(webhook), renewed));
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            return await FindAsync(orgId, id, cancel) is { } current ? new SaveResult.Conflict(current) : new SaveResult.NotFound();
        }

        var after = Details(webhook);
        Announce(orgId);
        if (IsMended(before, after, renewed)) Mended?.Invoke(id);
        return new SaveResult.Saved(after);
    }

    /// <returns>Null when there is no such webhook.</returns>
    public Task<WebhookDetails?> SetActiveAsync(int orgId, string id, bool active, Actor by, CancellationToken cancel = default) =>
        ChangeAsync(orgId, id, by, active ? "webhook.activated" : "webhook.deactivated", webhook => webhook.SetActive(active), cancel);

    /// <summary>Deletes the webhook; the dispatcher cancels what waits for it. Null when there is no such webhook.</summary>
    public Task<WebhookDetails?> DeleteAsync(int orgId, string id, Actor by, CancellationToken cancel = default) =>
        ChangeAsync(orgId, id, by, "webhook.deleted", webhook => webhook.Delete(time.GetUtcNow()), cancel);

    private async Task<WebhookDetails?> ChangeAsync(int orgId, string id, Actor by, string action, Action<Webhook> change, CancellationToken cancel)
    {
        while (true)
        {
            await using var db = contexts.Of(orgId);
            if (await Kept(db).SingleOrDefaultAsync(w => w.Id == id, cancel) is not { } webhook) return null;
            var before = Details(webhook);
            change(webhook);
            webhook.Touch(by.Name, time.GetUtcNow());
            audit.Add(db, by, orgId, action, Subject(webhook), WebhookTold.Of(before), webhook.DeletedAt is null ? WebhookTold.Of(Details(webhook)) : null);
            try
            {
                await db.SaveChangesAsync(cancel);
            }
            catch (DbUpdateConcurrencyException)
            {
                continue; // Somebody saved in between: the same change holds for what they left.
            }

            var after = Details(webhook);
            Announce(orgId);
            if (IsMended(before, after, [])) Mended?.Invoke(id);
            changes.Publish(Topics.Deliveries(id));
            return after;
        }
    }

    /// <summary>Headers that get another value under the same name.</summary>
    private List<string> Renewed(Webhook webhook, WebhookInput input) =>
        [.. input.Headers.Where(h => h.Value is { } given && Stored(webhook, h.Name) is { } stored && Value(stored) != given).Select(h => h.Name)];

    private static bool IsMended(WebhookDetails before, WebhookDetails after, List<string> renewed) =>
        after.Active && (!before.Active || before.Url != after.Url || before.Method != after.Method || !before.HeaderNames.SequenceEqual(after.HeaderNames) || renewed.Count > 0);

    /// <summary>Null where nobody knows any more what it was.</summary>
    private string? Value(string stored)
    {
        try
        {
            return vault.Unprotect(stored);
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return null;
        }
    }

    private void Apply(Webhook webhook, WebhookInput input)
    {
        webhook.Configure(WebhookUrl.Stored(input.Url), input.Method, input.MaxConnections!.Value, input.SlaSeconds!.Value, input.ToEnrichment());
        webhook.ReplayBy(input.ReplayThrottled, input.ReplayWindowHours);
        webhook.SetActive(input.Active);
        webhook.SetHeaders([.. input.Headers.Select(h => (h.Name, h.Value is { } value ? vault.Protect(value) : Stored(webhook, h.Name)!))]);
        webhook.SubscribeTo(input.EventNames.Distinct().ToList());
    }

    /// <summary>Everything that is wrong with the values; saves nothing.</summary>
    /// <param name="id">The webhook that they are for; null for a new one.</param>
    public async Task<IReadOnlyList<FieldError>> CheckAsync(int orgId, string? id, WebhookInput input, CancellationToken cancel = default)
    {
        await using var db = contexts.Of(orgId);
        return await CheckAsync(orgId, await Kept(db).AsNoTracking().SingleOrDefaultAsync(w => w.Id == id, cancel), input, cancel);
    }

    private async Task<IReadOnlyList<FieldError>> CheckAsync(int orgId, Webhook? stored, WebhookInput input, CancellationToken cancel)
    {
        var errors = (await validator.ValidateAsync(input, cancel)).Errors.Select(e =>
            new FieldError(e.PropertyName, e.ErrorMessage, int.TryParse(e.ErrorCode, CultureInfo.InvariantCulture, out var code) ? code : 400)).ToList();
        if (stored is not null && input.Name != stored.Name) errors.Add(new FieldError(nameof(input.Name), $"The name '{stored.Name}' is fixed; it can't be changed.", 400));
        if (stored is null && !errors.Any(e => e.Field == nameof(input.Name)) && await IsNameTakenAsync(orgId, input.Name, cancel)) errors.Add(NameTaken);
        foreach (var (i, header) in input.Headers.Index().Where(h => h.Item is { Stored: true, Value: null } && (stored is null || Stored(stored, h.Item.Name) is null)))
            errors.Add(new FieldError(string.Create(CultureInfo.InvariantCulture, $"Headers[{i}].Value"), $"No value is stored for '{header.Name}'; give one.", 400));
        foreach (var (i, _) in input.Headers.Index().Where(h => h.Item.Value is null && stored is not null && Stored(stored, h.Item.Name) is { } kept && Value(kept) is null))
            errors.Add(new FieldError(string.Create(CultureInfo.InvariantCulture, $"Headers[{i}].Value"), "The stored value cannot be read any more; give it anew.", 400));
        return errors;
    }

    private void Announce(int orgId)
    {
        Changed?.Invoke();
        changes.Publish(Topics.Webhooks(orgId));
    }

    private static readonly FieldError NameTaken = new(nameof(WebhookInput.Name), "A webhook of this name exists.", 400);

    private static string? Stored(Webhook webhook, string header) =>
        webhook.Headers.FirstOrDefault(h => string.Equals(h.Name, header, StringComparison.OrdinalIgnoreCase))?.ProtectedValue;

    private static string Subject(Webhook webhook) => $"webhook {webhook.Name}";

    private static Task<bool> IsNameTakenAsync(EnsDbContext db, string name, CancellationToken cancel) => Kept(db).AnyAsync(w => w.Name == name, cancel);

    private static IQueryable<Webhook> Kept(EnsDbContext db) => db.Webhooks.Where(w => w.DeletedAt == null);

    private static WebhookDetails Details(Webhook w) => new(
        w.Id, w.OrgId, w.Name, w.Url, w.Method, w.Active, w.MaxConnections, w.SlaSeconds, w.ReplayThrottled, w.ReplayWindowHours, w.Enrichment,
        [.. w.Headers.OrderBy(h => h.Position).Select(h => h.Name)], [.. w.Subscriptions.Select(s => s.EventName).Order(StringComparer.Ordinal)],
        w.ConsumerGroupId, w.Version, w.CreatedAt, w.CreatedBy, w.UpdatedAt, w.UpdatedBy, w.DeletedAt);
}
