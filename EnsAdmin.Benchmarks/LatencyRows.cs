namespace EnsAdmin.Benchmarks;

/// <summary>How long it takes from a producer's call to a receiver's.</summary>
internal static class LatencyRows
{
    private const int PerSecond = 200;

    /// <summary>Paced events against bare calls of the same pace.</summary>
    public static async Task<Row[]> PacedAsync(TimeSpan duration, int runs)
    {
        var (medians, tails) = (new List<(double, double)>(), new List<(double, double)>());
        await using var sink = await SinkProcess.StartAsync();
        await using var product = await Product.StartAsync();
        await product.WebhookAsync("it", $"{sink.Url}/it", 20, "pointsIssued");
        for (var run = -1; run < runs; run++)
        {
            await Load.PaceAsync(PerSecond, duration, _ => Load.PostAsync($"{product.Url}/v3/events", Load.Event()));
            await Task.Delay(500);
            var ours = await sink.LatenciesAsync();
            await Load.PaceAsync(PerSecond, duration, _ => Load.PostAsync($"{sink.Url}/it", Load.Event()));
            await Task.Delay(500);
            var theirs = await sink.LatenciesAsync();
            if (run < 0) continue;
            medians.Add((ours.P50, theirs.P50));
            tails.Add((ours.P99, theirs.P99));
        }

        return [Report.Of("sent to received, 200/s, p50", medians, 5, false, "ms"), Report.Of("sent to received, 200/s, p99", tails, 5, false, "ms")];
    }

    /// <summary>The same with one dead, one slow and 48 good webhooks, against the good ones alone.</summary>
    public static async Task<Row> NeighboursAsync(TimeSpan duration, int runs)
    {
        const int good = 48;
        var pairs = new List<(double, double)>();
        await using var sink = await SinkProcess.StartAsync();
        await using var with = await Product.StartAsync();
        await using var without = await Product.StartAsync();
        var names = (await with.EventNamesAsync()).Take(good).ToArray();
        foreach (var product in new[] { with, without })
            for (var w = 0; w < good; w++) await product.WebhookAsync($"good {w}", $"{sink.Url}/w{w}", 20, names[w]);
        await with.WebhookAsync("dead", "http://127.0.0.1:9/", 20, names);
        await with.WebhookAsync("slow", $"{sink.Url}/slow", 20, names);
        for (var run = -1; run < runs; run++)
        {
            var tails = new List<double>();
            foreach (var product in new[] { with, without })
            {
                await Load.PaceAsync(PerSecond, duration, i => Load.PostAsync($"{product.Url}/v3/events", Load.Event(names[i % good])));
                await Task.Delay(500);
                tails.Add((await sink.LatenciesAsync()).P99);
            }

            if (run >= 0) pairs.Add((tails[0], tails[1]));
        }

        return Report.Of("the same p99 with a dead and a 10 s slow webhook beside 48 good ones", pairs, 1.2, false, "ms");
    }
}
