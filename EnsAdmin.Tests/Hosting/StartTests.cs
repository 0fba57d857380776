using System.Net;
using System.Net.Sockets;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Hosting;

/// <summary>The program as whoever starts it meets it: a process, its words, its exit code.</summary>
public sealed class StartTests
{
    private const string AnyPort = "--urls=http://127.0.0.1:0";

    [Fact]
    public async Task It_says_where_it_listens_and_where_its_data_is()
    {
        await using var run = await ProgramRun.UpAsync(AnyPort, "--Ens:DataDirectory=my-data");
        Assert.Matches($@"^EnsAdmin 0\.1\.0 listens on http://127\.0\.0\.1:\d+, data in {run.Directory}/my-data$", run.Greeting);

        using var http = new HttpClient();
        using var page = await http.GetAsync(run.Url + "/sign-in", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task A_second_program_on_the_same_data_directory_is_refused()
    {
        await using var first = await ProgramRun.UpAsync(AnyPort);
        var directory = Path.Combine(first.Directory, "ens-data");
        await AssertRefusedAsync($"Another EnsAdmin uses the data directory {directory}. Stop it, or give another Ens:DataDirectory.", AnyPort, "--Ens:DataDirectory", directory);
    }

    [Fact]
    public async Task A_port_in_use_is_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";
        await AssertRefusedAsync($"EnsAdmin cannot listen on {url}: Address already in use. Stop what listens there, or start with another --urls.", "--urls", url);
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_written_to_is_one_line()
    {
        var file = Path.GetTempFileName();
        try
        {
            await AssertRefusedAsync($"The data directory {file} cannot be written to: ", AnyPort, $"--Ens:DataDirectory={file}");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_damaged_database_is_one_line_that_says_what_to_do()
    {
        var directory = Directory.CreateTempSubdirectory("ens-damaged-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(directory, "ens.db"), "This is no database.", TestContext.Current.CancellationToken);
            await AssertRefusedAsync($"The database {directory}/ens.db is damaged. Put a backup in its place, or move it away to begin with an empty one.", AnyPort, $"--Ens:DataDirectory={directory}");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task Wrong_settings_from_the_environment_and_the_command_line_are_told_together()
    {
        var (exitCode, output, errors) = await ProgramRun.ToTheEndAsync(
            ["--urls=http://localhost:99999", "--Ens:DataDirectry=x", "--Ens:Delivery:RequestTimeout=banana", "--Ens:Delivery:ShutdownGrace=5", "--Logging:LogLevel:Default=Foo", "--Logging:Console:LogLevel:EnsAdmin=2x"],
            ("Ens__Retention__Days", "none"));
        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        Assert.Equal(
            """
            EnsAdmin cannot start, 7 settings are wrong:
              Ens:DataDirectry = "x": no such setting; did you mean Ens:DataDirectory?
              Ens:Delivery:RequestTimeout = "banana": should be a duration as 00:00:30 (hours:minutes:seconds) from 00:00:01 to 00:05:00
              Ens:Delivery:ShutdownGrace = "5": should be a duration as 00:00:30 (hours:minutes:seconds) from 00:00:00 to 00:01:00
              Ens:Retention:Days = "none": should be a whole number from 1 to 3650
              Logging:LogLevel:Default = "Foo": should be one of Trace, Debug, Information, Warning, Error, Critical, None
              Logging:Console:LogLevel:EnsAdmin = "2x": should be one of Trace, Debug, Information, Warning, Error, Critical, None
              Urls = "http://localhost:99999": should have a port from 0 to 65535, as http://localhost:5080

            """, errors);
    }

    [Theory]
    [InlineData("--Ens:Delivery:FirstBackoff=00:45:00", "Ens:Delivery:FirstBackoff = 00:45:00: should not be longer than Ens:Delivery:MaxBackoff, 00:30:00")]
    [InlineData("--Logging:Console:LogToStandardErrorThreshold=x", "EnsAdmin cannot start, a setting is wrong: 'x' at 'LogToStandardErrorThreshold'.")]
    [InlineData("--contentRoot=/nowhere/at/all", "There is no directory /nowhere/at/all/; give another --contentRoot.")]
    public async Task What_cannot_be_used_is_said_without_a_stack_trace(string arg, string said)
    {
        var (exitCode, output, errors) = await ProgramRun.ToTheEndAsync([AnyPort, arg]);
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Equal(said, errors.TrimEnd().Split('\n')[^1].Trim());
    }

    [Fact]
    public async Task Version_is_answered()
    {
        var (exitCode, output, errors) = await ProgramRun.ToTheEndAsync(["--version"]);
        Assert.Equal((0, "0.1.0", ""), (exitCode, output.Trim(), errors));
    }

    [Fact]
    public async Task Help_names_the_demo_and_the_settings()
    {
        var (exitCode, output, _) = await ProgramRun.ToTheEndAsync(["--help"]);
        Assert.Equal(0, exitCode);
        Assert.All(["demo", "--urls", "--Ens:DataDirectory", "--Ens:Delivery:MaxBackoff", "from 00:00:01 to 1.00:00:00. Default: 00:30:00", "--version", "README.md"], word => Assert.Contains(word, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_machine_without_time_zone_data_runs_in_UTC()
    {
        await using var run = await ProgramRun.UpAsync([AnyPort], ("TZDIR", "/nowhere"));
        Assert.Equal((0, "", ""), await run.CommandAsync("org", "add", "7", "--name", "North Roast", "--time-zone", "Europe/Berlin"));
        run.Terminate();
        await run.EndAsync();

        await run.AgainAsync();

        Assert.Contains(run.Before, line => line.Contains("for Europe/Berlin, so times of North Roast are shown in UTC", StringComparison.Ordinal));
    }

    private static async Task AssertRefusedAsync(string line, params string[] args)
    {
        var (exitCode, output, errors) = await ProgramRun.ToTheEndAsync(args);
        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        Assert.StartsWith(line, Assert.Single(errors.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }
}
