using System.Globalization;
using EnsAdmin.Benchmarks;

if (args is ["sink"])
{
    await Sink.RunAsync();
    return 0;
}

if (args is ["keyed"])
{
    await KeyRows.RunAsync();
    return 0;
}

if (args is ["loop", var url, var concurrency, var calls])
{
    var bodies = Enumerable.Range(0, 1000).Select(_ => Load.Event()).ToArray();
    await Load.PostAsync($"{url}/loop", bodies[0]);
    var count = int.Parse(calls, CultureInfo.InvariantCulture);
    var took = await Load.TimeAsync(() => Load.ForAsync(count, int.Parse(concurrency, CultureInfo.InvariantCulture), i => Load.PostAsync($"{url}/loop", bodies[i % bodies.Length])));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready {took.TotalSeconds}"));
    return 0;
}

if (args is ["hangfire" or "rebus", var server, var sink, var jobs])
{
    await (args[0] == "hangfire" ? QueueRows.HangfireAsync(server, sink, int.Parse(jobs, CultureInfo.InvariantCulture)) : QueueRows.RebusAsync(server, sink, int.Parse(jobs, CultureInfo.InvariantCulture)));
    return 0;
}

var (runs, most, json, wanted) = (5, 1_000_000, (string?)null, new List<string>());
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--runs" when i + 1 < args.Length: runs = int.Parse(args[++i], CultureInfo.InvariantCulture); break;
        case "--backlog" when i + 1 < args.Length: most = int.Parse(args[++i], CultureInfo.InvariantCulture); break;
        case "--json" when i + 1 < args.Length: json = args[++i]; break;
        case "--help":
            Console.WriteLine("EnsAdmin.Benchmarks [backlog|ingest|keys|latency|neighbours|webhooks|sizes|import|enrichment|queues ...] [--runs N] [--backlog N] [--json FILE]");
            return 0;
        default: wanted.Add(args[i]); break;
    }
}

Console.WriteLine(Report.Machine());
var rows = new List<Row>();
await RunAsync("backlog", async () => [await DeliveryRows.BacklogAsync("deliveries of a backlog of 20,000, one webhook, 20 connections", 1, 20, 20_000, runs), await DeliveryRows.BacklogAsync("the same, 20 webhooks", 20, 20, 20_000, runs)]);
await RunAsync("ingest", async () => [await IngestRows.ArraysAsync(20_000, runs), await IngestRows.SinglesAsync(10_000, runs)]);
await RunAsync("keys", async () => [await KeyRows.OfAnEventAsync(20_000, runs)]);
await RunAsync("latency", () => LatencyRows.PacedAsync(TimeSpan.FromSeconds(8), runs));
await RunAsync("neighbours", async () => [await LatencyRows.NeighboursAsync(TimeSpan.FromSeconds(8), runs)]);
await RunAsync("webhooks", async () => [await DeliveryRows.WebhooksAsync(runs)]);
await RunAsync("sizes", () => DeliveryRows.BacklogSizesAsync(runs, most));
await RunAsync("import", () => ImportRows.CustomersAsync(Math.Min(most, 1_000_000), runs));
await RunAsync("enrichment", () => EnrichmentRows.IngestAsync(Math.Min(most, 1_000_000), runs));
await RunAsync("queues", () => QueueRows.RunAsync(4000, runs));

Report.Print(rows);
if (json is not null) Report.Write(json, rows);
return 0;

async Task RunAsync(string name, Func<Task<Row[]>> measure)
{
    if (wanted.Count > 0 && !wanted.Contains(name)) return;
    foreach (var row in await measure())
    {
        Report.Print(row);
        rows.Add(row);
    }
}
