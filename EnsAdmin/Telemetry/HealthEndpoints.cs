using EnsAdmin.Data;
using EnsAdmin.Dispatch;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EnsAdmin.Telemetry;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: it can also take events, that is, the writer commits, the disk has room and the
/// dispatcher turns; 503 and the check that fails otherwise.
/// </summary>
public static class HealthEndpoints
{
    private const string Ready = "ready";

    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddHealthChecks()
            .AddCheck<WriterCheck>("writer", tags: [Ready], timeout: TimeSpan.FromSeconds(2))
            .AddCheck<DiskCheck>("disk", tags: [Ready])
            .AddCheck<DispatcherCheck>("dispatcher", tags: [Ready]);
        return services;
    }

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync }).AllowAnonymous();
        routes.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = c => c.Tags.Contains(Ready), ResponseWriter = WriteAsync }).AllowAnonymous();
    }

    private static Task WriteAsync(HttpContext http, HealthReport report) => http.Response.WriteAsJsonAsync(new
    {
        status = report.Status == HealthStatus.Healthy ? "up" : "down",
        checks = report.Entries.ToDictionary(e => e.Key, e => new { status = e.Value.Status == HealthStatus.Healthy ? "up" : "down", reason = e.Value.Description }),
    });

    private sealed class WriterCheck(GroupCommitWriter writer) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await writer.RunAsync(_ => true).WaitAsync(cancellationToken);
                return writer.IsFailing ? HealthCheckResult.Unhealthy(CannotWrite()) : HealthCheckResult.Healthy();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                return HealthCheckResult.Unhealthy(e is OperationCanceledException ? "No commit within 2 s" : CannotWrite());
            }
        }

        private string CannotWrite() => $"The database cannot be written: {writer.Failure ?? "see the log"}";
    }

    private sealed class DiskCheck(DiskSpace disk) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(disk.IsLow ? HealthCheckResult.Unhealthy("Less free disk than Ens:Ingestion:MinFreeDiskMegabytes") : HealthCheckResult.Healthy());
    }

    private sealed class DispatcherCheck(Dispatcher dispatcher) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(dispatcher.IsTurning ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("Nothing is being delivered"));
    }
}
