using System.Diagnostics;

namespace EnsAdmin.Benchmarks;

/// <summary>A process of its own, so that its time and memory are its own; killed at the end.</summary>
internal sealed class Child : IAsyncDisposable
{
    private readonly Process _process;

    private Child(Process process) => _process = process;

    /// <summary>Processor time so far, user and system.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Bytes of memory in use.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts a program and waits for the line that says it is ready.</summary>
    /// <param name="told">Gets the lines before it.</param>
    /// <returns>The process and the line.</returns>
    public static async Task<(Child Child, string Line)> StartAsync(string file, string[] args, string ready, string? directory = null, Action<string>? told = null)
    {
        var start = new ProcessStartInfo(file, args) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory ?? "" };
        var child = new Child(Process.Start(start)!);
        var errors = child._process.StandardError.ReadToEndAsync();
        while (await child._process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (!line.Contains(ready, StringComparison.Ordinal))
            {
                told?.Invoke(line);
                continue;
            }

            _ = child._process.StandardOutput.ReadToEndAsync();
            return (child, line);
        }

        throw new InvalidOperationException($"{file} {string.Join(' ', args)} did not start: {await errors}");
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunAsync(string file, string[] args, string directory)
    {
        using var process = Process.Start(new ProcessStartInfo(file, args) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{file} {string.Join(' ', args)}: {await errors}");
    }

    /// <summary>This program again, in another role.</summary>
    public static Task<(Child Child, string Line)> SelfAsync(params string[] args) => SelfAsync(null, args);

    /// <inheritdoc cref="StartAsync"/>
    public static Task<(Child Child, string Line)> SelfAsync(Action<string>? told, params string[] args) => StartAsync(Environment.ProcessPath!, args, "ready", told: told);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
