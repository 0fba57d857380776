using System.Diagnostics.Metrics;

namespace EnsAdmin.Data;

/// <summary>What the writer's commits cost, and what is known only once they are on disk.</summary>
public sealed class WriterMetrics
{
    private readonly Histogram<double> _duration;
    private readonly Histogram<int> _size;
    private readonly Counter<long> _breaches;

    public WriterMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(EnsMeter.Name);
        _duration = meter.CreateHistogram("ens.commit.duration", "s", "Time of one commit, from its first statement to the disk's answer",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30] });
        _size = meter.CreateHistogram("ens.commit.size", "{work}", "Requests, claims and results that share one commit",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] });
        _breaches = meter.CreateCounter<long>("ens.delivery.sla_breaches", "{delivery}", "Deliveries that were not delivered within their webhook's SLA, counted when it passed");
    }

    public void Committed(int works, TimeSpan duration, int breaches)
    {
        _duration.Record(duration.TotalSeconds);
        _size.Record(works);
        if (breaches > 0) _breaches.Add(breaches);
    }
}

/// <summary>The name under which everything of EnsAdmin is measured and traced.</summary>
public static class EnsMeter
{
    public const string Name = "EnsAdmin";
}
