using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Telemetry;

[Collection(Alone.Name)] // Meters are seen by every application of the process.
public sealed partial class MetricsTests
{
    [Fact]
    public async Task Prometheus_reads_exactly_what_happened()
    {
        await using var receiver = (await Receiver.StartAsync()).Answering(500, 404, 200);
        await using var blocked = await Receiver.StartAsync();
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var webhook = await app.CreateWebhookAsync(receiver.Url, connections: 1);
        var silent = await app.CreateWebhookAsync(blocked.Url, name: "silent", events: ["customerAdded"]);
        await app.SetActiveAsync(silent, false);

        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1);
        await app.PublishAcceptedAsync(Some.Event("e-2"));
        await app.DeliveryAsync(webhook, DeliveryStatus.Rejected, attempts: 1);
        await app.PublishAcceptedAsync(Some.Events(["e-3", "e-1"]));
        await app.DeliveryAsync(webhook, DeliveryStatus.Delivered, attempts: 1);
        await app.PublishAcceptedAsync(Some.Event("e-4", "customerAdded"));
        using (await app.PublishAsync("not json")) { }
        using (await app.PublishAsync(Some.Event("e-1", "customerAdded"))) { }

        var read = await ScrapeAsync(app);
        Assert.Equal(3, read("ens_events_accepted_total", "pointsIssued"));
        Assert.Equal(1, read("ens_events_accepted_total", "customerAdded"));
        Assert.Equal(3, read("ens_deliveries_matched_total", ""));
        Assert.Equal(1, read("ens_attempts_total", "server_error"));
        Assert.Equal(1, read("ens_attempts_total", "client_error"));
        Assert.Equal(1, read("ens_attempts_total", "success"));
        Assert.Equal(1, read("ens_delivery_latency_seconds_count", ""));
        Assert.Equal(1, read("ens_ingest_refused_total", "\"400\""));
        Assert.Equal(1, read("ens_ingest_refused_total", "\"409\""));
        Assert.Equal(0, read("ens_calls_in_flight", ""));
        Assert.Equal(1, read("ens_deliveries_queued", ""));
        Assert.True(read("ens_commit_size_count", "") > 6);
        Assert.True(read("ens_commit_duration_seconds_count", "") == read("ens_commit_size_count", ""));

        await app.SetActiveAsync(webhook, false);
        time.Advance(TimeSpan.FromSeconds(40));
        await Eventually.HoldsAsync(async () => (await ScrapeAsync(app))("ens_delivery_sla_breaches_total", "") == 1, () => "the replay that is too late");
        // What an inactive webhook holds is nobody's trouble.
        await Eventually.HoldsAsync(async () => (await ScrapeAsync(app))("ens_deliveries_oldest_queued_age_seconds", "") == 0, () => "nothing that is late");
        await using var slow = await Receiver.StartAsync();
        var calls = new TaskCompletionSource();
        slow.Answer = async (_, http) => { await calls.Task; await Receiver.Status(http, 200); };
        await app.CreateWebhookAsync(slow.Url, name: "slow");
        await app.PublishAcceptedAsync(Some.Event("e-5"));
        await slow.ReceivedAsync(1);
        time.Advance(TimeSpan.FromSeconds(7));
        await Eventually.HoldsAsync(async () => (await ScrapeAsync(app))("ens_deliveries_oldest_queued_age_seconds", "") == 7, () => "the call that lets wait");
        calls.SetResult();
    }

    [Theory]
    [InlineData("X-Forwarded-For")]
    [InlineData("Forwarded")]
    public async Task Whoever_comes_through_a_proxy_reads_no_metrics(string header)
    {
        await using var app = RunningApp.Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add(header, "203.0.113.9");
        using var answer = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_producers_trace_goes_on_to_the_receiver_also_over_a_restart()
    {
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        await using var receiver = (await Receiver.StartAsync()).Answering(500, 200);
        var data = Directory.CreateTempSubdirectory("ens-test").FullName;
        var time = Some.Clock();
        await using (var app = RunningApp.Start(time, data))
        {
            var webhook = await app.CreateWebhookAsync(receiver.Url);
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v3/events") { Content = new StringContent(Some.Event("e-1")) };
            request.Headers.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
            using var answer = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            await app.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1);
        }

        Assert.Equal($"00-{trace}-00f067aa0ba902b7-01", receiver.Calls[0].Headers["traceparent"]); // Nobody collects spans here: the producer's own goes on.
        var spans = new List<System.Diagnostics.Activity>();
        using var collector = new ActivityListener { ShouldListenTo = s => s.Name == "EnsAdmin", Sample = (ref ActivityCreationOptions<ActivityContext> asked) =>
            asked.Parent.TraceId.ToHexString() == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None };
        collector.ActivityStopped = span => { lock (spans) spans.Add(span); };
        ActivitySource.AddActivityListener(collector);
        time.Advance(TimeSpan.FromMinutes(1));
        await using (var app = RunningApp.Start(time, data))
        {
            await receiver.ReceivedAsync(2);
            await Eventually.HoldsAsync(() => Task.FromResult(spans.Count == 1), () => "the span of the attempt");
        }

        var attempt = Assert.Single(spans);
        Assert.Equal(("00f067aa0ba902b7", "e-1", "success"), (attempt.ParentSpanId.ToHexString(), attempt.GetTagItem("ens.event.id"), attempt.GetTagItem("ens.outcome")));
        Assert.Equal(attempt.Id, receiver.Calls[1].Headers["traceparent"]);
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task An_event_without_a_trace_makes_none()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        await app.CreateWebhookAsync(receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        var call = (await receiver.ReceivedAsync(1))[0];
        Assert.DoesNotContain("traceparent", call.Headers.Keys, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Reads the sum of all series of a name whose labels hold a text.</summary>
    private static async Task<Func<string, string, double>> ScrapeAsync(RunningApp app)
    {
        var text = await app.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        var series = Series().Matches(text).Select(m => (Name: m.Groups[1].Value, Labels: m.Groups[2].Value, Value: double.Parse(m.Groups[3].Value, CultureInfo.InvariantCulture))).ToList();
        return (name, label) =>
        {
            var found = series.Where(s => s.Name == name && s.Labels.Contains(label, StringComparison.Ordinal)).ToList();
            return found.Count == 0 && !name.EndsWith("_total", StringComparison.Ordinal) ? throw new InvalidDataException($"No {name}{{{label}}} in\n{text}") : found.Sum(s => s.Value);
        };
    }

    [GeneratedRegex(@"^(\w+)(\{[^\n]*\})? ([0-9.eE+-]+)", RegexOptions.Multiline)]
    private static partial Regex Series();
}
