namespace EnsAdmin.Benchmarks;

/// <summary>How fast a backlog is delivered, and what a delivery costs as things grow.</summary>
internal static class DeliveryRows
{
    /// <summary>Deliveries/s of a backlog against a bare loop of the same calls.</summary>
    public static async Task<Row> BacklogAsync(string name, int webhooks, int connections, int backlog, int runs)
    {
        var pairs = new List<(double, double)>();
        await using var sink = await SinkProcess.StartAsync();
        var concurrency = Math.Min(webhooks * connections, 256);
        for (var run = 0; run < runs; run++)
        {
            await using var product = await Product.StartAsync();
            var names = (await product.EventNamesAsync()).Take(webhooks).ToArray();
            for (var w = 0; w < webhooks; w++) await product.WebhookAsync($"w{w}", $"{sink.Url}/w{w}", connections, names[w]);
            await sink.CloseAsync();
            await Load.PublishAsync(product.Url, backlog, i => names[i % webhooks]);
            var before = await sink.CallsAsync();
            var ours = await Load.TimeAsync(async () =>
            {
                await sink.OpenAsync();
                await sink.UntilAsync(before + backlog);
            });
            var theirs = await LoopAsync(sink, concurrency, backlog);
            pairs.Add((backlog / ours.TotalSeconds, backlog / theirs));
        }

        return Report.Of(name, pairs, 0.4, true, "deliveries/s");
    }

    /// <summary>Processor time of a delivery with so many webhooks against the fewest.</summary>
    public static async Task<Row> WebhooksAsync(int runs)
    {
        const int events = 5000;
        int[] counts = [1, 100, 1000];
        await using var sink = await SinkProcess.StartAsync();
        var costs = counts.Select(_ => new List<double>()).ToArray();
        for (var run = 0; run < runs; run++)
        {
            for (var c = 0; c < counts.Length; c++)
            {
                await using var product = await Product.StartAsync();
                var names = await product.EventNamesAsync();
                // One webhook gets the events, whatever the number of the others.
                await product.WebhookAsync("it", $"{sink.Url}/it", 20, names[0]);
                for (var w = 1; w < counts[c]; w++) await product.WebhookAsync($"w{w}", $"{sink.Url}/w", 20, names[1 + w % (names.Length - 1)]);
                for (var warm = 0; warm < 3; warm++) await CostAsync(product, sink, events, names[0]);
                costs[c].Add(await CostAsync(product, sink, events, names[0]));
            }
        }

        var medians = costs.Select(Report.Median).ToArray();
        return new Row("cost of a delivery with 1, 100, 1,000 webhooks", medians.Max() / medians[0], 1.3, false, $"{string.Join(", ", medians.Select(m => $"{m:0.000}"))} ms of processor time");
    }

    /// <summary>Processor time of a delivery with a backlog against the smallest, and what a backlog costs in memory.</summary>
    public static async Task<Row[]> BacklogSizesAsync(int runs, int most)
    {
        const int window = 4000;
        int[] sizes = [.. new[] { 10_000, 100_000, 1_000_000 }.Where(s => s <= most)];
        await using var sink = await SinkProcess.StartAsync();
        await using var product = await Product.StartAsync("--Ens:Ingestion:MinFreeDiskMegabytes=0", "--Ens:Delivery:MaxCallsInFlight=64");
        var names = await product.EventNamesAsync();
        await product.WebhookAsync("it", $"{sink.Url}/it", 20, names[0]);
        await CostAsync(product, sink, window, names[0]);
        await Task.Delay(TimeSpan.FromSeconds(3)); // Idle.
        var idle = product.Memory;
        var medians = new List<double>();
        var waiting = 0;
        foreach (var size in sizes)
        {
            var costs = new List<double>();
            for (var run = 0; run < runs; run++)
            {
                await sink.CloseAsync();
                await Load.PublishAsync(product.Url, size - waiting, _ => names[0]);
                var (calls, cpu) = (await sink.CallsAsync(), product.Cpu);
                await sink.OpenAsync();
                await sink.UntilAsync(calls + window);
                costs.Add((product.Cpu - cpu).TotalMilliseconds / window);
                await sink.CloseAsync();
                waiting = size - (int)(await sink.CallsAsync() - calls);
            }

            medians.Add(Report.Median(costs));
        }

        var memory = product.Memory;
        return
        [
            new Row($"cost of a delivery with a backlog of {string.Join(", ", sizes)}", medians.Max() / medians[0], 1.3, false, $"{string.Join(", ", medians.Select(m => $"{m:0.000}"))} ms of processor time"),
            new Row($"memory with a backlog of {sizes[^1]}, MB over idle", (memory - idle) / 1e6, 100, false, $"{memory / 1e6:0} MB, idle {idle / 1e6:0} MB"),
        ];
    }

    private static async Task<double> CostAsync(Product product, SinkProcess sink, int events, string eventName)
    {
        await sink.CloseAsync();
        await Load.PublishAsync(product.Url, events, _ => eventName);
        var (calls, cpu) = (await sink.CallsAsync(), product.Cpu);
        await sink.OpenAsync();
        await sink.UntilAsync(calls + events);
        return (product.Cpu - cpu).TotalMilliseconds / events;
    }

    /// <returns>The seconds that a bare loop in a process of its own took for the same calls.</returns>
    private static async Task<double> LoopAsync(SinkProcess sink, int concurrency, int calls)
    {
        var (child, line) = await Child.SelfAsync("loop", sink.Url, $"{concurrency}", $"{calls}");
        await using (child) return double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
