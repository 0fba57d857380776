using System.Net.Http.Json;
using System.Text.Json;
using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.People;
using EnsAdmin.Tests.Support;
using EnsAdmin.Webhooks;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>Who changed what, when, from where, and what it was before.</summary>
public sealed class AuditScenarios
{
    private const string Export = "/o/1655/audit/export";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_life_of_a_webhook_over_the_API_is_told_with_its_key_and_without_its_secrets()
    {
        await using var app = RunningApp.Start();
        object Body(string url, string? value, params string[] events) => new { name = "orders", webHookUrl = url, maxAllowedConnections = 5, webHookHeaders = new Dictionary<string, string?> { ["X-Brand"] = value }, eventNames = events };
        using var created = await app.Http.PostAsJsonAsync("/v3/webHooks", Body("https://one.example", "first-secret", "pointsIssued"), Cancel);
        var id = (await created.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("data").GetProperty("webHookId").GetString();
        using var changed = await app.Http.PutAsJsonAsync($"/v3/webHooks/{id}", Body("https://two.example", "second-secret", "pointsIssued", "customerAdded"), Cancel);
        using var same = await app.Http.PutAsJsonAsync($"/v3/webHooks/{id}", Body("https://two.example", "second-secret", "pointsIssued", "customerAdded"), Cancel);
        await app.SetActiveAsync(id!, false);
        using var deleted = await app.Http.DeleteAsync($"/v3/webHooks/{id}", Cancel);

        var entries = await EntriesAsync(app, "webhook.");

        Assert.Equal(["webhook.added", "webhook.changed", "webhook.changed", "webhook.deactivated", "webhook.deleted"], entries.Select(e => e.Action));
        Assert.All(entries, e => Assert.Equal("webhook orders", e.Subject));
        Assert.All(entries.Where(e => e.Action != "webhook.deactivated"), e => Assert.Equal((app.Key[..ApiKey.IdLength], "127.0.0.1", "test"), (e.KeyId, e.RemoteAddress, e.By)));
        Assert.Null(entries[0].Before);
        Assert.Contains("https://one.example", entries[0].After, StringComparison.Ordinal);
        Assert.Equal("""{"url":"https://one.example","headers":{"X-Brand":"secret"},"events":["pointsIssued"]}""", entries[1].Before);
        Assert.Equal("""{"url":"https://two.example","headers":{"X-Brand":"secret, changed"},"events":["customerAdded","pointsIssued"]}""", entries[1].After);
        Assert.Equal(("{}", "{}"), (entries[2].Before, entries[2].After));
        Assert.Equal(("""{"active":true}""", """{"active":false}"""), (entries[3].Before, entries[3].After));
        Assert.Contains("two.example", entries[4].Before, StringComparison.Ordinal);
        Assert.Null(entries[4].After);
        Assert.DoesNotContain(entries, e => $"{e.Before}{e.After}".Contains("-secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Replays_by_hand_and_test_events_are_told()
    {
        await using var app = RunningApp.Start();
        await using var receiver = (await Receiver.StartAsync()).Answering(404);
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        var delivery = await app.DeliveryAsync(webhook, DeliveryStatus.Rejected);
        using var one = await app.Http.PostAsync($"/v3/deliveries/{delivery.Id}/replay", null, Cancel);
        await app.DeliveryAsync(webhook, DeliveryStatus.Rejected, 2);
        using var test = await app.Http.PostAsJsonAsync($"/v3/webHooks/{webhook}/test", new { }, Cancel);
        await app.SetActiveAsync(webhook, false);
        using var many = await app.Http.PostAsJsonAsync($"/v3/webHooks/{webhook}/replay", new { statuses = new[] { "failed" } }, Cancel);
        var replay = (await many.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("data").GetProperty("replayId").GetInt64();
        using var stopped = await app.Http.DeleteAsync($"/v3/webHooks/{webhook}/replay/{replay}", Cancel);
        using var again = await app.Http.DeleteAsync($"/v3/webHooks/{webhook}/replay/{replay}", Cancel);

        var entries = (await EntriesAsync(app, "")).Where(e => e.Action is "delivery.replayed" or "webhook.tested" or "replay.started" or "replay.cancelled").ToList();

        Assert.Equal(["delivery.replayed", "webhook.tested", "replay.started"], entries.Take(3).Select(e => e.Action));
        Assert.InRange(entries.Count(e => e.Action == "replay.cancelled"), 0, 1); // It may have been done before.
        Assert.Equal($"delivery {delivery.Id} to orders", entries[0].Subject);
        Assert.Contains("pointsIssued", entries[1].After, StringComparison.Ordinal);
        Assert.Contains("\"statuses\":[\"Rejected\"]", entries[2].After, StringComparison.Ordinal);
        Assert.All(entries, e => Assert.Equal((app.Key[..ApiKey.IdLength], "127.0.0.1"), (e.KeyId, e.RemoteAddress)));
    }

    [Fact]
    public async Task A_replay_that_is_stopped_is_told_once()
    {
        await using var app = RunningApp.Start();
        await using var receiver = await Receiver.StartAsync();
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await using (var db = app.Services.GetRequiredService<EnsContexts>().Of(RunningApp.OrgId))
        {
            // Not told to the runner, so that it still runs when it is stopped.
            db.ReplayJobs.Add(new ReplayJob(RunningApp.OrgId, webhook, new ReplayFilter(ReplayFilter.Undelivered), 3, 3, "test", TimeProvider.System.GetUtcNow()));
            await db.SaveChangesAsync(Cancel);
        }

        var store = app.Services.GetRequiredService<EnsAdmin.Replays.ReplayStore>();
        Assert.Equal(ReplayJobState.Cancelled, (await store.CancelAsync(RunningApp.OrgId, webhook, 1, Some.Actor, Cancel))!.State);
        Assert.NotNull(await store.CancelAsync(RunningApp.OrgId, webhook, 1, Some.Actor, Cancel));

        Assert.Equal("webhook orders", Assert.Single(await EntriesAsync(app, "replay.cancelled")).Subject);
    }

    [Fact]
    public async Task A_change_that_did_not_come_about_leaves_no_entry()
    {
        await using var app = RunningApp.Start();
        var store = app.Services.GetRequiredService<WebhookStore>();
        var input = new WebhookInput { Name = "orders", Url = "https://one.example", EventNames = [Some.EventName] };
        var saved = Assert.IsType<SaveResult.Saved>(await store.CreateAsync(RunningApp.OrgId, input, Some.Actor, Cancel)).Webhook;
        Assert.IsType<SaveResult.Invalid>(await store.CreateAsync(RunningApp.OrgId, input, Some.Actor, Cancel));
        Assert.IsType<SaveResult.Conflict>(await store.UpdateAsync(RunningApp.OrgId, saved.Id, input, saved.Version + 1, Some.Actor, Cancel));
        Assert.Equal("webhook.added", Assert.Single(await EntriesAsync(app, "webhook.")).Action);
    }

    [Fact]
    public async Task A_person_is_told_by_session_and_address()
    {
        await using var app = RunningApp.Start();
        var email = await app.AddUserAsync(Role.Admin);
        using var http = await app.SignedInAsync(email);
        var userId = (await app.Services.GetRequiredService<Accounts>().FindAsync(email))!.Id;
        var sessions = app.Services.GetRequiredService<Sessions>();
        var session = Assert.Single(await sessions.OfAsync(userId, Cancel)).Id;
        await app.Services.GetRequiredService<InvitationStore>().AddAsync(RunningApp.OrgId, "sam@example.com", Role.Viewer, sessions.Find(session)!.Actor, Cancel);

        var entry = Assert.Single(await EntriesAsync(app, "member.invited"));

        Assert.Equal((userId, session, "127.0.0.1", "Admin of the test"), (entry.UserId, entry.SessionId, entry.RemoteAddress, entry.By));
    }

    [Fact]
    public async Task Nobody_changes_or_deletes_an_entry_not_even_by_hand()
    {
        await using var app = RunningApp.Start();
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(app.DataDirectory, "ens.db")};Pooling=False");
        await connection.OpenAsync(Cancel);
        foreach (var sql in new[] { "UPDATE AuditEntries SET \"By\" = 'nobody'", "DELETE FROM AuditEntries" })
        {
            await using var command = new SqliteCommand(sql, connection);
            Assert.Contains("append-only", (await Assert.ThrowsAsync<SqliteException>(() => command.ExecuteNonQueryAsync(Cancel))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_start_with_other_settings_is_told_and_one_with_the_same_is_not()
    {
        var data = Directory.CreateTempSubdirectory("ens-test").FullName;
        foreach (var days in new[] { "30", "30", "90" })
        {
            await using var app = RunningApp.Start(null, data, ("Ens:Retention:Days", days));
            if (days != "90") continue;
            await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
            var entries = await db.AuditEntries.Where(e => e.Action == "settings.changed").OrderBy(e => e.Id).ToListAsync(Cancel);
            Assert.Equal(2, entries.Count);
            Assert.Null(entries[0].Before);
            Assert.Equal([("Ens:Retention:Days", "30", "90")], AuditDifference.Of(entries[1].Before, entries[1].After).Select(c => (c.Field, c.Before, c.After)));
            Assert.Null(entries[1].OrgId);
        }
    }

    [Fact]
    public async Task The_export_holds_the_filtered_entries_as_CSV_and_as_JSON()
    {
        await using var app = RunningApp.Start();
        await app.CreateWebhookAsync("https://one.example", name: "orders");
        await app.CreateWebhookAsync("https://two.example", name: "=1+1");
        using var http = await app.SignedInAsync(Role.Admin);

        using var csv = await http.GetAsync(Export + "?action=webhook.added", Cancel);
        using var json = await http.GetAsync(Export + "?format=json&subject=ORDERS", Cancel);
        var (lines, entries) = ((await csv.Content.ReadAsStringAsync(Cancel)).TrimEnd().Split("\r\n"), await json.Content.ReadFromJsonAsync<JsonElement>(Cancel));

        Assert.Equal(("text/csv", "attachment; filename=\"audit-1655.csv\""), (csv.Content.Headers.ContentType!.MediaType, csv.Content.Headers.ContentDisposition!.ToString()));
        Assert.StartsWith("at,orgId,by,", lines[0], StringComparison.Ordinal);
        Assert.Equal(3, lines.Length);
        Assert.Contains("\"webhook =1+1\"", lines[1], StringComparison.Ordinal);
        Assert.Equal("webhook orders", entries.EnumerateArray().Single().GetProperty("subject").GetString());
        Assert.Equal("https://one.example", entries[0].GetProperty("after").GetProperty("url").GetString());
        using var viewer = await app.SignedInAsync(Role.Viewer);
        using var refused = await viewer.GetAsync(Export, Cancel);
        Assert.Equal(403, (int)refused.StatusCode);
    }

    [Fact]
    public async Task Pages_of_the_audit_follow_each_other_without_gap_or_repeat_also_within_one_moment()
    {
        await using var app = RunningApp.Start();
        var now = TimeProvider.System.GetUtcNow();
        await using (var db = app.Services.GetRequiredService<EnsContexts>().Of(RunningApp.OrgId))
        {
            for (var i = 0; i < 130; i++) db.AuditEntries.Add(new AuditEntry(RunningApp.OrgId, now.AddSeconds(i / 40), new Actor($"person {i % 3}"), "key.added", $"key 100%_{i}", null, "{}"));
            await db.SaveChangesAsync(Cancel);
        }

        var log = app.Services.GetRequiredService<AuditLog>();
        var (seen, next, pages) = (new List<long>(), (string?)null, 0);
        do
        {
            var page = await log.OfOrganizationAsync(RunningApp.OrgId, new(Action: "key.added", Subject: "100%_"), next, 25, Cancel);
            (next, pages) = (page.Next, pages + 1);
            seen.AddRange(page.Rows.Select(r => r.Id));
        } while (next is not null);

        Assert.Equal((6, 130), (pages, seen.Distinct().Count()));
        Assert.Equal(seen.OrderDescending(), seen);
        Assert.Equal(43, (await log.OfOrganizationAsync(RunningApp.OrgId, new(Who: "PERSON 1"), null, 100, Cancel)).Rows.Count);
        Assert.Equal(10, (await log.OfOrganizationAsync(RunningApp.OrgId, new(Since: now.AddSeconds(3), Until: now.AddSeconds(4)), null, 100, Cancel)).Rows.Count);
        Assert.Empty((await log.OfOrganizationAsync(RunningApp.OrgId, new(Subject: "100x"), null, 100, Cancel)).Rows);
        Assert.Empty((await log.OfOrganizationAsync(7, new(), null, 100, Cancel)).Rows);
    }

    private static async Task<List<AuditEntry>> EntriesAsync(RunningApp app, string action)
    {
        await using var db = app.Services.GetRequiredService<EnsContexts>().Of(RunningApp.OrgId);
        return await db.AuditEntries.AsNoTracking().Where(e => e.Action.StartsWith(action)).OrderBy(e => e.Id).ToListAsync(Cancel);
    }
}
