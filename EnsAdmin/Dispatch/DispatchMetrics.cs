using System.Diagnostics;
using System.Diagnostics.Metrics;
using EnsAdmin.Data;
using EnsAdmin.Domain;

namespace EnsAdmin.Dispatch;

using Activity = System.Diagnostics.Activity;

/// <summary>Attempts and deliveries as they are measured and traced. Test events are traced, not counted.</summary>
public sealed class DispatchMetrics
{
    private static readonly ActivitySource Source = new(EnsMeter.Name);

    private readonly Counter<long> _attempts;
    private readonly Histogram<double> _attemptDuration;
    private readonly Histogram<double> _latency;

    public DispatchMetrics(IMeterFactory meters, DueBoard due)
    {
        var meter = meters.Create(EnsMeter.Name);
        meter.CreateObservableUpDownCounter("ens.calls.in_flight", () => due.CallsInFlight, "{call}", "Calls of webhooks in flight");
        _attempts = meter.CreateCounter<long>("ens.attempts", "{attempt}", "Recorded attempts by outcome");
        _attemptDuration = meter.CreateHistogram("ens.attempt.duration", "s", "Time of one call, from the look-up of the name to the end of the answer",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });
        _latency = meter.CreateHistogram("ens.delivery.latency", "s", "From accepted to delivered",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86400] });
    }

    public void Recorded(ClaimedDelivery claim, AttemptResult attempt, DeliveryStatus status, TimeSpan latency)
    {
        if (claim.Trigger == AttemptTrigger.Test) return;
        var (org, outcome) = (KeyValuePair.Create("ens.org.id", (object?)claim.OrgId), KeyValuePair.Create("ens.outcome", (object?)SnakeCase(attempt.Outcome)));
        _attempts.Add(1, org, outcome);
        _attemptDuration.Record(attempt.Duration.TotalSeconds, org, outcome);
        if (status == DeliveryStatus.Delivered) _latency.Record(Math.Max(0, latency.TotalSeconds), org);
    }

    /// <summary>The span of one attempt, a child of the event's acceptance; null while nobody collects traces, or that of the event is not kept.</summary>
    public static Activity? Start(ClaimedDelivery claim, WebhookSnapshot webhook)
    {
        if (!ActivityContext.TryParse(claim.TraceParent, null, isRemote: true, out var accepted) && claim.Trigger != AttemptTrigger.Test) return null;
        Activity.Current = null; // Of whichever request it was that let this call begin.
        if (Source.StartActivity(webhook.Method, ActivityKind.Client, accepted) is not { } span) return null;
        var url = new Uri(webhook.Url);
        // Neither path nor query: both may hold a receiver's secret.
        span.SetTag("http.request.method", webhook.Method).SetTag("url.scheme", url.Scheme).SetTag("server.address", url.Host).SetTag("server.port", url.Port)
            .SetTag("http.request.resend_count", claim.Attempt > 1 ? claim.Attempt - 1 : null)
            .SetTag("ens.org.id", claim.OrgId).SetTag("ens.webhook.id", claim.WebhookId).SetTag("ens.delivery.id", claim.Id).SetTag("ens.event.id", claim.EventId).SetTag("ens.event.name", claim.EventName);
        return span;
    }

    public static void End(Activity? span, AttemptResult result)
    {
        if (span is null) return;
        span.SetTag("ens.outcome", SnakeCase(result.Outcome)).SetTag("http.response.status_code", result.StatusCode);
        if (result.Outcome != AttemptOutcome.Success) span.SetTag("error.type", result.StatusCode?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? SnakeCase(result.Outcome)).SetStatus(ActivityStatusCode.Error, result.Reason);
    }

    private static string SnakeCase(AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.Success => "success",
        AttemptOutcome.ClientError => "client_error",
        AttemptOutcome.ServerError => "server_error",
        AttemptOutcome.Redirect => "redirect",
        AttemptOutcome.TimedOut => "timed_out",
        AttemptOutcome.NoResponse => "no_response",
        _ => "blocked",
    };
}
