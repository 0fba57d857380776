namespace EnsAdmin.Tests.Support;

/// <summary>The lone published file, named by ENSADMIN_PUBLISHED, running in a directory that held nothing else.</summary>
public sealed class PublishedProgram : IAsyncLifetime
{
    private static readonly string? Executable = Environment.GetEnvironmentVariable("ENSADMIN_PUBLISHED");
    private ProgramRun? _run;

    /// <summary>Skips the test where no file was published, except where nothing may be left out.</summary>
    public ProgramRun Run
    {
        get
        {
            const string missing = "No published file to look at: set ENSADMIN_PUBLISHED to it (dotnet publish EnsAdmin -r linux-x64 -o out).";
            Assert.False(_run is null && Browser.MustRun, missing);
            Assert.SkipWhen(_run is null, missing);
            return _run;
        }
    }

    /// <summary>A key of organization 1655 with all scopes.</summary>
    public string Key { get; private set; } = "";

    /// <summary>The address of who keeps it.</summary>
    public string Operator { get; } = "operator@example.com";

    public async ValueTask InitializeAsync()
    {
        if (string.IsNullOrEmpty(Executable)) return;
        _run = await ProgramRun.AloneAsync(Executable, "--urls=http://127.0.0.1:0", $"--Ens:Delivery:AllowedNetworks={RunningApp.Loopback}");
        Key = await _run.KeyAsync();
        await _run.AddOperatorAsync(Operator);
    }

    public async ValueTask DisposeAsync()
    {
        if (_run is not null) await _run.DisposeAsync();
    }
}
