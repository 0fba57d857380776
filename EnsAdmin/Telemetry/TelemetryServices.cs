using EnsAdmin.Data;
using EnsAdmin.Shared;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace EnsAdmin.Telemetry;

/// <summary>
/// Metrics for Prometheus at <c>/metrics</c>, for callers of some networks alone; metrics and traces over OTLP where the standard variables
/// (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and its kin) name a collector and nothing of <c>OTEL_SDK_DISABLED</c>, <c>OTEL_METRICS_EXPORTER</c> and <c>OTEL_TRACES_EXPORTER</c>
/// turns it off. Without a collector no span is made.
/// </summary>
public static class TelemetryServices
{
    private const string MetricsPath = "/metrics";

    /// <summary>Combinations of an instrument's attributes, for which memory is taken at the start: more than the routes, methods and answers of the API have.</summary>
    private const int MostSeries = 500;

    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var telemetry = services.AddSingleton<QueueMetrics>().AddOpenTelemetry().ConfigureResource(resource => resource.AddService("EnsAdmin").AddEnvironmentVariableDetector());
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter(EnsMeter.Name, "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
                .AddView(_ => new MetricStreamConfiguration { CardinalityLimit = MostSeries }).AddPrometheusExporter();
            if (Exports(configuration, "METRICS")) metrics.AddOtlpExporter();
        });
        if (Exports(configuration, "TRACES")) telemetry.WithTracing(traces => traces.AddSource(EnsMeter.Name).AddOtlpExporter());
        return services;
    }

    public static void MapMetrics(this WebApplication app)
    {
        app.Services.GetRequiredService<QueueMetrics>();
        var networks = NetworkListAttribute.Read(app.Services.GetRequiredService<IOptions<MetricsOptions>>().Value.AllowedNetworks)!;
        app.Use((http, next) =>
        {
            if (!http.Request.Path.StartsWithSegments(MetricsPath, StringComparison.OrdinalIgnoreCase) || (Caller.Address(http) is { } address && networks.Any(n => n.Contains(address)))) return next(http);
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        });
        app.MapPrometheusScrapingEndpoint(MetricsPath).AllowAnonymous();
    }

    /// <summary>Whether a signal goes to a collector.</summary>
    internal static bool Exports(IConfiguration configuration, string signal)
    {
        if (string.Equals(configuration["OTEL_SDK_DISABLED"]?.Trim(), "true", StringComparison.OrdinalIgnoreCase)) return false;
        var exporters = configuration[$"OTEL_{signal}_EXPORTER"]?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (exporters.Length > 0) return exporters.Contains("otlp", StringComparer.OrdinalIgnoreCase);
        return !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]) || !string.IsNullOrEmpty(configuration[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"]);
    }
}
