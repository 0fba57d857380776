using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace EnsAdmin.Tests.Support;

/// <summary>The program as a process of its own, in an empty working directory; killed and cleared away at the end.</summary>
public sealed class ProgramRun : IAsyncDisposable
{
    private const int FirstPort = 20_000, PortCount = 10_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static uint _ports = (uint)Random.Shared.Next(PortCount); // Two runs on one machine begin at different ports.
    private readonly ProcessStartInfo _start;
    private Process _process;
    private Task<string> _errors;
    private Task<string> _after = Task.FromResult("");

    private ProgramRun(ProcessStartInfo start)
    {
        _start = start;
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>The working directory.</summary>
    public string Directory => _start.WorkingDirectory;

    /// <summary>The line that the program prints when it is up.</summary>
    public string Greeting { get; private set; } = "";

    /// <summary>What it printed before that.</summary>
    public IReadOnlyList<string> Before { get; private set; } = [];

    /// <summary>Where it said that it listens.</summary>
    public string Url => Greeting.Split(" listens on ")[1].Split(',')[0].Split(' ')[0];

    /// <summary>Runs the program to its end.</summary>
    /// <returns>What it printed, and its exit code.</returns>
    public static async Task<(int ExitCode, string Output, string Errors)> ToTheEndAsync(string[] args, params (string Key, string Value)[] environment)
    {
        await using var run = Start("dotnet", [Built, .. args], environment);
        var output = run._process.StandardOutput.ReadToEndAsync();
        await run._process.WaitForExitAsync().WaitAsync(Patience);
        return (run._process.ExitCode, await output, await run._errors);
    }

    /// <summary>Starts the program as it was built, and waits until it listens.</summary>
    public static Task<ProgramRun> UpAsync(params string[] args) => UpAsync(args, []);

    /// <summary>The same, with environment variables.</summary>
    public static async Task<ProgramRun> UpAsync(string[] args, params (string Key, string Value)[] environment)
    {
        var run = Start("dotnet", [Built, .. args], environment);
        await run.GreetingAsync();
        return run;
    }

    /// <summary>Starts any executable of the program from a copy in an empty directory, and waits until it listens.</summary>
    public static async Task<ProgramRun> AloneAsync(string executable, params string[] args)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("ens-alone-").FullName;
        var copy = Path.Combine(directory, Path.GetFileName(executable));
        File.Copy(executable, copy);
        var run = Start(copy, args, directory: directory);
        await run.GreetingAsync();
        return run;
    }

    /// <summary>The program itself: the lone published file where ENSADMIN_PUBLISHED names it, as it was built elsewhere.</summary>
    public static Task<ProgramRun> ProductAsync(params string[] args) =>
        Environment.GetEnvironmentVariable("ENSADMIN_PUBLISHED") is { Length: > 0 } published ? AloneAsync(published, args) : UpAsync(args);

    /// <summary>Runs a command of the same program in the same directory, as an operator does while it serves.</summary>
    /// <returns>What it printed, and its exit code.</returns>
    public async Task<(int ExitCode, string Output, string Errors)> CommandAsync(params string[] args)
    {
        var start = new ProcessStartInfo(_start.FileName, [.. _start.ArgumentList.TakeWhile(a => a == Built), .. args]) { WorkingDirectory = Directory, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var key in start.Environment.Keys.Except(_start.Environment.Keys).ToArray()) start.Environment.Remove(key);
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>Adds organization 1655 and a key of it with all scopes.</summary>
    /// <returns>The whole key.</returns>
    public async Task<string> KeyAsync()
    {
        Assert.Equal((0, "", ""), await CommandAsync("org", "add", $"{RunningApp.OrgId}", "--name", "Harbour Coffee"));
        var (exitCode, output, errors) = await CommandAsync("key", "add", "--org", $"{RunningApp.OrgId}", "--scopes", string.Join(',', EnsAdmin.Domain.Scopes.All));
        Assert.Equal((0, ""), (exitCode, errors));
        return output.TrimEnd();
    }

    /// <summary>Adds an operator with the password that everybody has.</summary>
    public async Task AddOperatorAsync(string email)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, RunningAppPeople.Password);
        Assert.Equal((0, "", ""), await CommandAsync("user", "add", email, "--operator", "--password-file", file));
        File.Delete(file);
    }

    /// <summary>A client of this program with a key of <see cref="KeyAsync"/>.</summary>
    public async Task<HttpClient> ClientAsync()
    {
        var client = new HttpClient { BaseAddress = new Uri(Url) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", await KeyAsync());
        return client;
    }

    /// <summary>Bytes of memory that are its own.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Kills it as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    /// <summary>Asks it to stop as <c>kill</c> does.</summary>
    public void Terminate() => Process.Start("kill", ["-TERM", $"{_process.Id}"]).WaitForExit();

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code and what it printed since it was up.</returns>
    public async Task<(int ExitCode, string Output)> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return (_process.ExitCode, await _after + await _errors);
    }

    /// <summary>After its end: starts it again in the same directory with the same arguments, and waits until it listens.</summary>
    public async Task AgainAsync()
    {
        _process.Dispose();
        _process = Process.Start(_start)!;
        _errors = _process.StandardError.ReadToEndAsync();
        await GreetingAsync();
    }

    /// <summary>A port of the loopback address that nothing listens on, and that nobody else is given: from below those that the system gives to whoever asks for any, hundreds a minute in a run of all tests.</summary>
    public static int FreePort()
    {
        for (; ; )
        {
            var port = FirstPort + (int)(Interlocked.Increment(ref _ports) % PortCount);
            try
            {
                using var listener = new TcpListener(IPAddress.Any, port);
                listener.Start();
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                // Another program's.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().WaitAsync(Patience);
        _process.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static string Built => Path.Combine(AppContext.BaseDirectory, "EnsAdmin.dll");

    private static ProgramRun Start(string file, string[] args, (string Key, string Value)[]? environment = null, string? directory = null)
    {
        directory ??= System.IO.Directory.CreateTempSubdirectory("ens-run-").FullName;
        var start = new ProcessStartInfo(file, args) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var key in start.Environment.Keys.Where(k => k.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || k.StartsWith("Ens__", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(key);
        foreach (var (key, value) in environment ?? []) start.Environment[key] = value;
        return new ProgramRun(start);
    }

    private async Task GreetingAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var seen = new List<string>();
        while (await _process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (!line.Contains(" listens on ", StringComparison.Ordinal))
            {
                seen.Add(line);
                continue;
            }
            (Greeting, Before) = (line, seen);
            _after = _process.StandardOutput.ReadToEndAsync(CancellationToken.None); // A full pipe would stop the program.
            return;
        }
        Assert.Fail($"The program ended before it listened: {string.Join('\n', seen)}\n{await _errors}");
    }
}
