using System.Diagnostics;
using Hangfire;
using Hangfire.PostgreSql;
using Npgsql;
using Rebus.Activation;
using Rebus.Backoff;
using Rebus.Config;
using Rebus.Handlers;

namespace EnsAdmin.Benchmarks;

/// <summary>The same job, calls of a webhook that survive a crash, on what a .NET team would pick instead. Each does it twice; the first time warms it up.</summary>
internal static class QueueRows
{
    private const int Workers = 20;

    public static async Task<Row[]> RunAsync(int jobs, int runs)
    {
        string[] rivals = ["hangfire", "rebus"];
        if (Postgres.Missing is { } missing) return [.. rivals.Select(r => new Row($"{r}: deliveries/s of 4,000 calls", null, 40, true, missing))];
        var rows = new List<Row>();
        await using var sink = await SinkProcess.StartAsync();
        foreach (var rival in rivals)
        {
            var (rates, cpus) = (new List<(double, double)>(), new List<(double, double)>());
            for (var run = 0; run < runs; run++)
            {
                var (oursRate, oursCpu) = await OursAsync(sink, jobs);
                await using var postgres = await Postgres.StartAsync();
                var before = TimeSpan.Zero;
                var (child, line) = await Child.SelfAsync(_ => before = postgres.Cpu, rival, postgres.ConnectionString, sink.Url, $"{jobs}");
                await using (child)
                {
                    var parts = line.Split(' ');
                    rates.Add((oursRate, double.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)));
                    // The database server works for the queue: its time counts.
                    cpus.Add((oursCpu, double.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture) + (postgres.Cpu - before).TotalMilliseconds / jobs));
                }
            }

            rows.Add(Report.Of($"deliveries/s of {jobs} calls against {rival} with PostgreSQL", rates, 40, true, "deliveries/s"));
            rows.Add(Report.Of($"processor time of a delivery against {rival} with PostgreSQL", cpus, 0.1, false, "ms"));
        }

        return [.. rows];
    }

    /// <summary>In a process of its own: enqueues, then works the queue off with 20 workers and prints calls/s and milliseconds of processor time a call.</summary>
    public static async Task HangfireAsync(string server, string sink, int jobs)
    {
        // Without long polling: with it one or two of 4,000 jobs are fetched by a worker that never runs them, until they count as abandoned half an hour later (Hangfire.PostgreSql 1.21.1).
        GlobalConfiguration.Configuration.UseRecommendedSerializerSettings().UsePostgreSqlStorage(o => o.UseNpgsqlConnection(server), new PostgreSqlStorageOptions { QueuePollInterval = TimeSpan.FromMilliseconds(50) });
        await MeasureAsync(sink, jobs, () => Load.ForAsync(jobs, Workers, _ =>
        {
            BackgroundJob.Enqueue(() => CallAsync(sink, Load.Event()));
            return Task.CompletedTask;
        }), () => new BackgroundJobServer(new BackgroundJobServerOptions { WorkerCount = Workers }));
    }

    public static async Task RebusAsync(string server, string sink, int jobs)
    {
        using var sending = new BuiltinHandlerActivator();
        var bus = Configure.With(sending).Logging(l => l.None()).Transport(t => t.UsePostgreSqlAsOneWayClient(server, "messages")).Start();
        using (var setup = new BuiltinHandlerActivator()) Configure.With(setup).Logging(l => l.None()).Transport(t => t.UsePostgreSql(server, "messages", "calls")).Options(o => o.SetNumberOfWorkers(0)).Start();
        await MeasureAsync(sink, jobs, () => Load.ForAsync(jobs, Workers, _ => bus.Advanced.Routing.Send("calls", new WebhookCall(sink, Load.Event()))), () =>
        {
            var working = new BuiltinHandlerActivator();
            working.Register(() => new CallHandler());
            Configure.With(working).Logging(l => l.None()).Transport(t => t.UsePostgreSql(server, "messages", "calls"))
                .Options(o =>
                {
                    o.SetNumberOfWorkers(Workers);
                    o.SetMaxParallelism(Workers);
                    o.SetBackoffTimes(TimeSpan.FromMilliseconds(1));
                }).Start();
            return working;
        });
    }

    /// <summary>What a job does: Hangfire calls it by name.</summary>
    public static Task CallAsync(string sink, string body) => Load.PostAsync($"{sink}/job", body);

    private static async Task MeasureAsync(string sink, int jobs, Func<Task> enqueue, Func<IDisposable> work)
    {
        long Calls() => long.Parse(Load.Client.GetStringAsync($"{sink}/calls").GetAwaiter().GetResult(), System.Globalization.CultureInfo.InvariantCulture);
        foreach (var counts in (bool[])[false, true])
        {
            await enqueue();
            Console.WriteLine("begun");
            var (calls, cpu, started) = (Calls(), Process.GetCurrentProcess().TotalProcessorTime, Stopwatch.GetTimestamp());
            using var working = work();
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
            while (Calls() - calls < jobs) await timer.WaitForNextTickAsync();
            var (took, used) = (Stopwatch.GetElapsedTime(started), Process.GetCurrentProcess().TotalProcessorTime - cpu);
            if (counts) Console.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"ready {jobs / took.TotalSeconds} {used.TotalMilliseconds / jobs}"));
        }
    }

    private static async Task<(double Rate, double CpuMs)> OursAsync(SinkProcess sink, int jobs)
    {
        await using var product = await Product.StartAsync();
        await product.WebhookAsync("it", $"{sink.Url}/it", Workers, "pointsIssued");
        var (rate, cost) = (0d, 0d);
        for (var turn = 0; turn < 2; turn++)
        {
            await sink.CloseAsync();
            await Load.PublishAsync(product.Url, jobs, _ => "pointsIssued");
            var (calls, cpu) = (await sink.CallsAsync(), product.Cpu);
            var took = await Load.TimeAsync(async () =>
            {
                await sink.OpenAsync();
                await sink.UntilAsync(calls + jobs);
            });
            (rate, cost) = (jobs / took.TotalSeconds, (product.Cpu - cpu).TotalMilliseconds / jobs);
        }

        return (rate, cost);
    }

    private sealed record WebhookCall(string Sink, string Body);

    private sealed class CallHandler : IHandleMessages<WebhookCall>
    {
        public Task Handle(WebhookCall message) => CallAsync(message.Sink, message.Body);
    }
}
