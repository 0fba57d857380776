using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace EnsAdmin.Benchmarks;

/// <summary>A sink in a process of its own.</summary>
internal sealed class SinkProcess(Child child, string url) : IAsyncDisposable
{
    public string Url => url;

    public static async Task<SinkProcess> StartAsync()
    {
        var (child, line) = await Child.SelfAsync("sink");
        return new SinkProcess(child, line.Split(' ')[1]);
    }

    public Task CloseAsync() => Load.PostAsync($"{url}/close", "");
    public Task OpenAsync() => Load.PostAsync($"{url}/open", "");
    public async Task<long> CallsAsync() => long.Parse(await Load.Client.GetStringAsync($"{url}/calls"), CultureInfo.InvariantCulture);

    public async Task UntilAsync(long calls)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (await CallsAsync() < calls) await timer.WaitForNextTickAsync();
    }

    /// <summary>Median and 99th percentile in milliseconds of what arrived since the last time, and of how many.</summary>
    public async Task<(double P50, double P99, int Count)> LatenciesAsync()
    {
        using var answer = await Load.Client.PostAsync($"{url}/latencies", null);
        var parts = (await answer.Content.ReadAsStringAsync()).Split(';');
        return (double.Parse(parts[0], CultureInfo.InvariantCulture), double.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture));
    }

    public ValueTask DisposeAsync() => child.DisposeAsync();
}

/// <summary>The product as it was built, in a process of its own over an empty data directory on a real disk.</summary>
internal sealed class Product : IAsyncDisposable
{
    private readonly Child _child;
    private readonly string _directory;

    private Product(Child child, string url, string directory) => (_child, Url, _directory) = (child, url, directory);

    public string Url { get; }
    public TimeSpan Cpu => _child.Cpu;
    public long Memory => _child.Memory;
    public string Directory => _directory;
    public string Database => Path.Combine(_directory, "ens-data", "ens.db");

    public static async Task<Product> StartAsync(params string[] settings)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("ens-bench-").FullName;
        var (child, line) = await Child.StartAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "EnsAdmin.dll"), "--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning",
            "--Ens:Delivery:AllowedNetworks=127.0.0.0/8", .. settings], " listens on ", directory);
        await Child.RunAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "EnsAdmin.dll"), "org", "add", "1655", "--name", "Harbour Coffee"], directory);
        var key = await Child.RunAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "EnsAdmin.dll"), "key", "add", "--org", "1655", "--scopes", string.Join(',', EnsAdmin.Domain.Scopes.All)], directory);
        var url = line.Split(" listens on ")[1].Split(',')[0];
        Load.Keys[new Uri(url).Authority] = new("Bearer", key.Trim());
        return new Product(child, url, directory);
    }

    public async Task WebhookAsync(string name, string url, int connections, params string[] eventNames)
    {
        using var created = await Load.Client.PostAsJsonAsync($"{Url}/v3/webHooks", new { name, webHookUrl = url, maxAllowedConnections = connections, slaInSeconds = 0, eventNames });
        if (!created.IsSuccessStatusCode) throw new InvalidOperationException(await created.Content.ReadAsStringAsync());
    }

    /// <summary>Names of event types that take the body of <see cref="Load.Event"/>.</summary>
    public async Task<string[]> EventNamesAsync()
    {
        var found = new List<string>();
        foreach (var type in (await Load.Client.GetFromJsonAsync<JsonElement>($"{Url}/v3/webHooks/eventMetaData")).GetProperty("data").EnumerateArray())
        {
            var name = type.GetProperty("eventName").GetString()!;
            using var answer = await Load.Client.PostAsync($"{Url}/v3/events", new StringContent(Load.Event(name)));
            if (answer.IsSuccessStatusCode) found.Add(name);
        }

        return [.. found];
    }

    public async ValueTask DisposeAsync()
    {
        await _child.DisposeAsync();
        System.IO.Directory.Delete(_directory, recursive: true);
    }
}
