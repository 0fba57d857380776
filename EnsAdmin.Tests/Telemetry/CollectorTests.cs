using System.Net.Http.Json;
using System.Text;
using EnsAdmin.Telemetry;
using EnsAdmin.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace EnsAdmin.Tests.Telemetry;

public sealed class CollectorTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true, "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector")]
    [InlineData(true, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://collector")]
    [InlineData(false, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://collector")]
    [InlineData(true, "OTEL_TRACES_EXPORTER=otlp")]
    [InlineData(true, "OTEL_TRACES_EXPORTER=console, OTLP")]
    [InlineData(false, "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector", "OTEL_TRACES_EXPORTER=none")]
    [InlineData(false, "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector", "OTEL_TRACES_EXPORTER=console")]
    [InlineData(true, "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector", "OTEL_METRICS_EXPORTER=none")]
    [InlineData(true, "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector", "OTEL_TRACES_EXPORTER=")]
    [InlineData(false, "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector", "OTEL_SDK_DISABLED=True")]
    [InlineData(true, "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector", "OTEL_SDK_DISABLED=1")]
    public void The_standard_variables_say_whether_traces_are_exported(bool exported, params string[] variables) =>
        Assert.Equal(exported, TelemetryServices.Exports(new ConfigurationBuilder().AddInMemoryCollection(variables.Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => (string?)v[1])).Build(), "TRACES"));

    [Fact]
    public async Task Of_an_event_without_a_trace_a_collector_gets_one_from_its_acceptance_to_its_attempt()
    {
        await using var collector = await Receiver.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        await using (var program = await ProgramRun.UpAsync(["--urls=http://127.0.0.1:0", $"--Ens:Delivery:AllowedNetworks={RunningApp.Loopback}"],
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_METRICS_EXPORTER", "none")))
        {
            using var http = await program.ClientAsync();
            using (var created = await http.PostAsJsonAsync("/v3/webHooks", new { name = "traced", webHookUrl = receiver.Url, maxAllowedConnections = 5, eventNames = new[] { Some.EventName } }, TestContext.Current.CancellationToken)) created.EnsureSuccessStatusCode();
            using (var accepted = await http.PostAsync("/v3/events", new StringContent(Some.Event("e-1")), TestContext.Current.CancellationToken)) accepted.EnsureSuccessStatusCode();
            await receiver.ReceivedAsync(1);
            program.Terminate();
            await program.EndAsync();
        }

        var trace = receiver.Calls[0].Headers["traceparent"].Split('-')[1];
        var spans = collector.Calls.Where(c => c.Path == "/v1/traces").Select(c => Encoding.Latin1.GetString(c.Body)).ToList();
        Assert.Contains(spans, s => s.Contains("publish", StringComparison.Ordinal));
        Assert.Contains(spans, s => s.Contains("http.request.method", StringComparison.Ordinal));
        Assert.All(spans, s => Assert.Contains(Encoding.Latin1.GetString(Convert.FromHexString(trace)), s, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_collector_gets_what_is_not_turned_off()
    {
        await using var collector = await Receiver.StartAsync();
        await using (var program = await ProgramRun.UpAsync(["--urls=http://127.0.0.1:0"],
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_TRACES_EXPORTER", "none")))
        {
            using var http = await program.ClientAsync();
            using (var accepted = await http.PostAsync("/v3/events", new StringContent(Some.Event("e-1")), TestContext.Current.CancellationToken)) accepted.EnsureSuccessStatusCode();
            program.Terminate();
            await program.EndAsync();
        }

        Assert.Contains("/v1/metrics", collector.Calls.Select(c => c.Path));
        Assert.DoesNotContain("/v1/traces", collector.Calls.Select(c => c.Path));
    }
}
