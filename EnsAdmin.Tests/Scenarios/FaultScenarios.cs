using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>The database lets the program down while it runs: nothing is lost, and everybody is told.</summary>
public sealed class FaultScenarios
{
    [Fact]
    public async Task While_another_program_holds_the_database_events_wait_and_then_go_through()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        await app.CreateWebhookAsync(receiver.Url);

        await using var other = Open(app);
        Execute(other, "BEGIN IMMEDIATE");
        var publishing = Enumerable.Range(0, 20).Select(i => app.PublishAsync(Some.Event($"e-{i}"))).ToArray();
        // Whoever only reads is not held up.
        using (var list = await app.Http.GetAsync("/v3/webHooks", Cancel)) Assert.Equal(HttpStatusCode.OK, list.StatusCode);
        Assert.DoesNotContain(publishing, p => p.IsCompleted);
        Execute(other, "COMMIT");

        foreach (var answer in await Task.WhenAll(publishing)) Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await receiver.ReceivedAsync(20);
    }

    [Fact]
    public async Task A_lock_that_made_events_wait_for_long_is_told_when_it_ends()
    {
        var (time, ear) = (Some.Clock(), new Eavesdropper());
        ear.Secret("the line", "A commit took 11.0 s: another program locked the database");
        await using var app = RunningApp.StartWith(services =>
        {
            services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time));
            services.AddLogging(log => log.AddProvider(ear));
        });
        await using var other = Open(app);
        Execute(other, "BEGIN IMMEDIATE");
        var publishing = app.PublishAsync(Some.Event("e-1"));
        // Its answer comes when the writer has been waiting for a while.
        using (var ready = await app.Http.GetAsync("/health/ready", Cancel)) Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        time.Advance(TimeSpan.FromSeconds(11));
        Execute(other, "COMMIT");

        using (var answer = await publishing) Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.NotEmpty(ear.Found());
    }

    [Fact]
    public async Task While_the_database_cannot_be_written_events_are_refused_and_results_wait_until_it_can()
    {
        await using var receiver = await Receiver.StartAsync();
        var answer = new TaskCompletionSource();
        receiver.Answer = async (_, http) =>
        {
            await answer.Task;
            await Receiver.Status(http, 200);
        };
        await using var app = RunningApp.Start();
        var webhook = await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await receiver.ReceivedAsync(1);

        await using var other = Open(app);
        Execute(other, "ALTER TABLE Attempts RENAME TO Lost");
        Execute(other, "ALTER TABLE EventMessages RENAME TO Gone");
        answer.SetResult();
        using (var refused = await app.PublishAsync(Some.Event("e-2")))
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "5"), (refused.StatusCode, refused.Headers.RetryAfter?.ToString()));
            Assert.Contains("nothing was stored", (await refused.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("errors")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        using (var ready = await app.Http.GetAsync("/health/ready", Cancel)) Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Execute(other, "ALTER TABLE Gone RENAME TO EventMessages");
        Execute(other, "ALTER TABLE Lost RENAME TO Attempts");
        // Nobody else writes: the program finds out by itself.
        await Eventually.HoldsAsync(async () => (await app.Http.GetAsync("/health/ready", Cancel)).StatusCode == HttpStatusCode.OK, () => "readiness");
        await app.PublishAcceptedAsync(Some.Event("e-2"));
        await receiver.ReceivedAsync(2);
        var rows = await app.LogAsync(webhook, rows => rows.Count == 2 && rows.All(r => r.Status == DeliveryStatus.Delivered));
        Assert.Equal(["e-1", "e-2"], receiver.Calls.Select(c => c.EventId));
        Assert.All(rows, r => Assert.Equal(1, r.Attempts));
    }

    [Fact]
    public async Task More_than_fits_into_memory_is_answered_429_until_there_is_room()
    {
        await using var app = RunningApp.Start(null, null, ("Ens:Ingestion:MaxBufferedMegabytes", "1"));
        await using var other = Open(app);
        Execute(other, "BEGIN IMMEDIATE");
        var big = Some.Event("big-…").Replace("\"data\":{", $"\"data\":{{\"x\":\"{new string('x', 200_000)}\",", StringComparison.Ordinal);

        var answers = Enumerable.Range(0, 10).Select(i => app.PublishAsync(big.Replace("…", $"{i}", StringComparison.Ordinal))).ToList();
        var refused = await await Task.WhenAny(answers);
        Assert.Equal((HttpStatusCode.TooManyRequests, "1"), (refused.StatusCode, refused.Headers.RetryAfter?.ToString()));
        // Five of two hundred kilobytes fit; of those that come at the same moment, one more may be turned away than has to be.
        await Eventually.HoldsAsync(() => Task.FromResult(answers.Count(a => a.IsCompleted) >= 5), () => "five that do not fit");
        Execute(other, "COMMIT");

        var all = await Task.WhenAll(answers);
        Assert.InRange(all.Count(a => a.StatusCode == HttpStatusCode.Accepted), 1, 5);
        Assert.All(all.Where(a => a.StatusCode != HttpStatusCode.Accepted), a => Assert.Equal(HttpStatusCode.TooManyRequests, a.StatusCode));
        await app.PublishAcceptedAsync(Some.Event("after"));
    }

    [Fact]
    public async Task A_request_that_does_not_say_how_long_it_is_takes_no_more_room_than_it_needs()
    {
        await using var app = RunningApp.Start(null, null, ("Ens:Ingestion:MaxBufferedMegabytes", "1"));
        await using var other = Open(app);
        Execute(other, "BEGIN IMMEDIATE");

        var answers = Enumerable.Range(0, 20).Select(i =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/v3/events") { Content = new StringContent(Some.Event($"e-{i}")) };
            request.Headers.TransferEncodingChunked = true;
            return app.Http.SendAsync(request, Cancel);
        }).ToList();
        using (var list = await app.Http.GetAsync("/v3/webHooks", Cancel)) Assert.Equal(HttpStatusCode.OK, list.StatusCode);
        Execute(other, "COMMIT");

        Assert.All(await Task.WhenAll(answers), a => Assert.Equal(HttpStatusCode.Accepted, a.StatusCode));
    }

    [Fact]
    public async Task The_write_ahead_log_is_short_again_once_nobody_reads_from_it()
    {
        var time = Some.Clock();
        await using var app = RunningApp.Start(time, null, ("Ens:MaxWalMegabytes", "1"));
        var wal = new FileInfo(Path.Combine(app.DataDirectory, "ens.db-wal"));
        await using (var reader = Open(app))
        {
            Execute(reader, "BEGIN; SELECT COUNT(*) FROM EventMessages");
            for (var i = 0; i < 10; i++) await app.PublishAcceptedAsync(Some.Events(Enumerable.Range(0, 100).Select(n => $"e-{i}-{n}")));
            time.Advance(TimeSpan.FromSeconds(30));
            await app.PublishAcceptedAsync(Some.Event("while it reads"));
            wal.Refresh();
            Assert.True(wal.Length > 1024 * 1024);
        }

        await Eventually.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(30));
            wal.Refresh();
            return Task.FromResult(wal.Length < 1024 * 1024);
        }, () => "a short log");
        await app.PublishAcceptedAsync(Some.Event("afterwards"));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static SqliteConnection Open(RunningApp app)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(app.DataDirectory, "ens.db"), Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = new SqliteCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
