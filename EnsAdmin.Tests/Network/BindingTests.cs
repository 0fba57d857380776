using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Network;

/// <summary>Where the program listens, as whoever starts it meets it.</summary>
public sealed class BindingTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("ens-binding-").FullName;
    private readonly string _everywhere = $"--urls=http://*:{ProgramRun.FreePort()}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_elsewhere_reaches_it_before_there_is_an_operator()
    {
        var (exitCode, output, errors) = await ProgramRun.ToTheEndAsync([_everywhere, $"--Ens:DataDirectory={_data}"]);
        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith($"Urls = \"{_everywhere.Split('=')[1]}\": can be reached from elsewhere, and there is no operator yet.", errors, StringComparison.Ordinal);
        Assert.All(["--urls=http://localhost:5080", "EnsAdmin user add", "Ens:Bootstrap:Email"], way => Assert.Contains(way, errors, StringComparison.Ordinal));

        await WithPasswordAsync(file => ProgramRun.ToTheEndAsync(["org", "add", "7", "--name", "North Roast", $"--Ens:DataDirectory={_data}"]));
        await WithPasswordAsync(file => ProgramRun.ToTheEndAsync(["user", "add", "sam@example.com", "--org", "7", "--admin", "--password-file", file, $"--Ens:DataDirectory={_data}"]));
        Assert.Equal(1, (await ProgramRun.ToTheEndAsync([_everywhere, $"--Ens:DataDirectory={_data}"])).ExitCode);

        await WithPasswordAsync(file => ProgramRun.ToTheEndAsync(["user", "add", "jo@example.com", "--operator", "--password-file", file, $"--Ens:DataDirectory={_data}"]));
        await using var run = await ProgramRun.UpAsync(_everywhere, $"--Ens:DataDirectory={_data}");
        Assert.Contains($"listens on http://[::]:{_everywhere.Split(':')[^1]}", run.Greeting, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_of_the_settings_is_made_before_it_is_asked()
    {
        var file = Path.Combine(_data, "password");
        await File.WriteAllTextAsync(file, RunningAppPeople.Password, Cancel);
        await using var run = await ProgramRun.UpAsync(_everywhere, "--Ens:Bootstrap:Email=ops@example.com", $"--Ens:Bootstrap:PasswordFile={file}", "--Ens:Bootstrap:OrgId=7");
        using var http = new HttpClient();
        Assert.Equal(200, (int)(await http.GetAsync($"http://127.0.0.1:{_everywhere.Split(':')[^1]}/sign-in", Cancel)).StatusCode);
    }

    [Fact]
    public async Task The_demo_stays_on_this_machine()
    {
        var (exitCode, _, errors) = await ProgramRun.ToTheEndAsync(["demo", _everywhere]);
        Assert.Equal(1, exitCode);
        Assert.Contains("the demo signs everybody in, so it listens on this machine alone", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_of_another_machine_is_one_line()
    {
        var (exitCode, _, errors) = await ProgramRun.ToTheEndAsync(["--urls=http://192.0.2.1:5080"]);
        Assert.Equal((1, "EnsAdmin cannot listen on http://192.0.2.1:5080: this machine has no such address. Start it with another --urls."), (exitCode, errors.TrimEnd()));
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private async Task WithPasswordAsync(Func<string, Task<(int ExitCode, string Output, string Errors)>> command)
    {
        var file = Path.Combine(_data, "password");
        await File.WriteAllTextAsync(file, RunningAppPeople.Password, Cancel);
        Assert.Equal((0, "", ""), await command(file));
    }
}
