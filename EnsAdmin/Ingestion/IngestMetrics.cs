using System.Diagnostics;
using System.Diagnostics.Metrics;
using EnsAdmin.Data;

namespace EnsAdmin.Ingestion;

using Activity = System.Diagnostics.Activity;

/// <summary>What producers send, as it is measured and traced.</summary>
public sealed class IngestMetrics
{
    private static readonly ActivitySource Source = new(EnsMeter.Name);

    private readonly Counter<long> _accepted;
    private readonly Counter<long> _matched;
    private readonly Counter<long> _refused;

    public IngestMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(EnsMeter.Name);
        _accepted = meter.CreateCounter<long>("ens.events.accepted", "{event}", "Events on disk by their type; repeats of an eventId are not counted again");
        _matched = meter.CreateCounter<long>("ens.deliveries.matched", "{delivery}", "Deliveries queued for accepted events");
        _refused = meter.CreateCounter<long>("ens.ingest.refused", "{request}", "Requests to publish that were refused, by the HTTP status they were answered with");
    }

    public void Accepted(NewEvent e, int deliveries)
    {
        _accepted.Add(1, KeyValuePair.Create("ens.org.id", (object?)e.OrgId), KeyValuePair.Create("ens.event.name", (object?)e.EventName));
        if (deliveries > 0) _matched.Add(deliveries, KeyValuePair.Create("ens.org.id", (object?)e.OrgId));
    }

    public void Refused(int status) => _refused.Add(1, KeyValuePair.Create("http.response.status_code", (object?)status));

    /// <summary>The span of one request, a child of the producer's or the first of its trace; null while nobody collects traces, or this one is not sampled.</summary>
    public static Activity? Start(string? traceParent)
    {
        ActivityContext.TryParse(traceParent, null, isRemote: true, out var producer);
        // The web server's own, which is recorded nowhere, would be taken for the parent, and what has such a parent is not sampled.
        var ofServer = Activity.Current;
        Activity.Current = null;
        if (Source.StartActivity("publish", ActivityKind.Server, producer) is { } span) return span;
        Activity.Current = ofServer;
        return null;
    }
}
