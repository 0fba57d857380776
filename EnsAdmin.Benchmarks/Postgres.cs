using System.Diagnostics;
using Npgsql;

namespace EnsAdmin.Benchmarks;

/// <summary>Debian's PostgreSQL server with its own defaults, over an empty directory, under a user that may run it.</summary>
internal sealed class Postgres : IAsyncDisposable
{
    private static readonly string? Bin = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Order().LastOrDefault() is { } version ? Path.Combine(version, "bin") : null : null;

    private readonly Process _server;
    private readonly string _directory;
    private readonly TimeSpan _before;

    private Postgres(Process server, string directory, string connectionString)
    {
        (_server, _directory, ConnectionString) = (server, directory, connectionString);
        _before = Total();
    }

    /// <summary>Why it cannot be had; null where it can.</summary>
    public static string? Missing => Bin is null ? "not run: apt-get install postgresql" : null;

    public string ConnectionString { get; }

    /// <summary>Processor time of the server and all its processes since the start.</summary>
    public TimeSpan Cpu => Total() - _before;

    public static async Task<Postgres> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("ens-bench-pg-").FullName;
        var asUser = Environment.UserName == "root" ? "setpriv --reuid postgres --regid postgres --clear-groups " : "";
        if (asUser.Length > 0) await RunAsync($"chown postgres {directory}");
        await RunAsync($"{asUser}{Bin}/initdb -D {directory}/data -U bench --auth=trust");
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"exec {asUser}{Bin}/postgres -D {directory}/data -k {directory} -c listen_addresses='' -c max_connections=200"]) { RedirectStandardError = true };
        var server = Process.Start(start)!;
        _ = server.StandardError.ReadToEndAsync();
        var connection = $"Host={directory};Username=bench;Database=postgres;Maximum Pool Size=100";
        for (var tries = 0; ; tries++)
        {
            try
            {
                await using var probe = new NpgsqlConnection(connection + ";Pooling=false");
                await probe.OpenAsync();
                return new Postgres(server, directory, connection);
            }
            catch (NpgsqlException) when (tries < 100)
            {
                await Task.Delay(100);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        _server.Kill(entireProcessTree: true);
        await _server.WaitForExitAsync();
        _server.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Of the server, its living children, and those that have ended (fields 14 to 17 of Linux's stat, in hundredths of a second).</summary>
    private TimeSpan Total()
    {
        var ticks = 0L;
        foreach (var stat in Directory.GetDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), out _)).Select(d => Path.Combine(d, "stat")))
        {
            try
            {
                var text = File.ReadAllText(stat);
                var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
                if (text.StartsWith($"{_server.Id} ", StringComparison.Ordinal)) ticks += fields[11..15].Sum(f => long.Parse(f, System.Globalization.CultureInfo.InvariantCulture));
                else if (fields[1] == $"{_server.Id}") ticks += fields[11..13].Sum(f => long.Parse(f, System.Globalization.CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        return TimeSpan.FromSeconds(ticks / 100.0);
    }

    private static async Task RunAsync(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{command}: {await errors}{await output}");
    }
}
