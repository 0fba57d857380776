using EnsAdmin.Activity;
using EnsAdmin.Domain;
using EnsAdmin.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EnsAdmin.Tests.Support;

/// <summary>Waits for what the screens would show.</summary>
public static class RunningAppReading
{
    /// <summary>The webhook's newest delivery, once it has this status (and so many attempts).</summary>
    public static Task<DeliveryDetails> DeliveryAsync(this RunningApp app, string webhookId, DeliveryStatus status, int? attempts = null) =>
        app.DeliveryAsync(webhookId, d => d.Status == status && (attempts is null || d.Attempts.Count == attempts));

    public static async Task<DeliveryDetails> DeliveryAsync(this RunningApp app, string webhookId, Func<DeliveryDetails, bool> holds)
    {
        var log = app.Services.GetRequiredService<DeliveryLog>();
        DeliveryDetails? found = null;
        await Eventually.HoldsAsync(async () =>
        {
            var rows = (await log.PageAsync(RunningApp.OrgId, webhookId)).Rows;
            found = rows.Count == 0 ? null : await log.FindAsync(RunningApp.OrgId, webhookId, rows[0].Id);
            return found is not null && holds(found);
        }, () => $"the delivery; it is {found?.Status}, {found?.Attempts.Count} attempts, {found?.Reason}");
        return found!;
    }

    public static async Task<IReadOnlyList<DeliveryRow>> LogAsync(this RunningApp app, string webhookId, Func<IReadOnlyList<DeliveryRow>, bool> holds)
    {
        var log = app.Services.GetRequiredService<DeliveryLog>();
        IReadOnlyList<DeliveryRow> rows = [];
        await Eventually.HoldsAsync(async () => holds(rows = (await log.PageAsync(RunningApp.OrgId, webhookId)).Rows), () => $"the log; it has {rows.Count} rows");
        return rows;
    }

    /// <summary>One event whose five attempts fail over more than a minute: its webhook is failing then.</summary>
    public static async Task<DeliveryDetails> FailAsync(this RunningApp app, FakeTimeProvider time, string webhook)
    {
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        var delivery = await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1);
        for (var attempts = 2; attempts <= 5; attempts++)
        {
            time.Advance(delivery.DueAt - time.GetUtcNow());
            delivery = await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts);
        }

        return delivery;
    }

    /// <summary>The id of the webhook of this name.</summary>
    public static async Task<string> WebhookIdAsync(this RunningApp app, string name) =>
        (await app.Services.GetRequiredService<WebhookStore>().AllAsync(RunningApp.OrgId)).Single(w => w.Name == name).Id;

    public static async Task SetActiveAsync(this RunningApp app, string webhookId, bool active) =>
        Assert.NotNull(await app.Services.GetRequiredService<WebhookStore>().SetActiveAsync(RunningApp.OrgId, webhookId, active, Some.Actor));
}

/// <summary>Asks until something holds: for states that have no signal of their own.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task HoldsAsync(Func<Task<bool>> holds, Func<string> what)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        try
        {
            while (!await holds()) await pulse.WaitForNextTickAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Waited for {what()}.");
        }
    }
}
