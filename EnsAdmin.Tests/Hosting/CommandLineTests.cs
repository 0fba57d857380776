using EnsAdmin.Hosting;

namespace EnsAdmin.Tests.Hosting;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--Ens:DataDirectory=x")]
    [InlineData("--Ens:DataDirectory", "x")]
    [InlineData("--urls", "http://localhost:1")]
    [InlineData("--URLS=http://localhost:1")]
    [InlineData("--Logging:LogLevel:Default=Debug")]
    [InlineData("--Kestrel:Endpoints:A:Url=http://localhost:1")]
    [InlineData("--environment=Development", "--contentRoot=/x", "--applicationName=EnsAdmin")]
    [InlineData("--Ens:Keys:MaxRequestsPerSecond=", "--AllowedHosts=*")]
    public void Settings_pass_through_to_the_configuration(params string[] args)
    {
        var (call, _, errors) = Read(args);
        Assert.Null(call.ExitCode);
        Assert.False(call.Demo);
        Assert.Equal(args, call.Settings);
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("demo", "--urls=http://localhost:1")]
    [InlineData("--urls", "http://localhost:1", "demo")]
    public void The_demo_takes_settings_before_and_after_its_name(params string[] args)
    {
        var (call, _, _) = Read(args);
        Assert.True(call.Demo);
        Assert.Null(call.ExitCode);
        Assert.Contains("http://localhost:1", string.Join('=', call.Settings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dmo", "Unrecognized command or argument 'dmo'.")]
    [InlineData("--url=http://localhost:1", "Unrecognized command or argument '--url=http://localhost:1'.")]
    [InlineData("--Foo:Bar=1", "Unrecognized command or argument '--Foo:Bar=1'.")]
    [InlineData("--urls", "--urls needs a value: --urls=value")]
    [InlineData("--Ens:DataDirectory", "--Ens:DataDirectory needs a value: --Ens:DataDirectory=value")]
    public void What_it_does_not_know_is_said_and_not_run(string arg, string said)
    {
        var (call, output, errors) = Read(arg);
        Assert.Equal(1, call.ExitCode);
        Assert.StartsWith(said, errors, StringComparison.Ordinal);
        Assert.Empty(output);
    }

    [Theory]
    [InlineData("demo", "--Ens:DataDirectory=x")]
    [InlineData("--ens:datadirectory", "x", "demo")]
    public void The_demo_refuses_what_it_sets_itself(params string[] args)
    {
        var (call, _, errors) = Read(args);
        Assert.Equal(1, call.ExitCode);
        Assert.StartsWith("The demo sets Ens:DataDirectory itself; leave it out, or start without demo.", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("demo", "--help")]
    public void Help_is_answered_and_nothing_is_started(params string[] args)
    {
        var (call, output, _) = Read(args);
        Assert.Equal(0, call.ExitCode);
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Required command was not provided.", "key")]
    [InlineData("Option '--scopes' is required.", "key", "add", "--org=7")]
    [InlineData("Option '--name' is required.", "org", "add", "7")]
    [InlineData("Cannot parse argument 'seven' for command 'add' as expected type 'System.Int32'.", "org", "add", "seven", "--name=x")]
    public void A_command_that_lacks_something_says_what(string said, params string[] args)
    {
        var (call, output, errors) = Read(args);
        Assert.Equal(1, call.ExitCode);
        Assert.StartsWith(said, errors, StringComparison.Ordinal);
        Assert.Empty(output);
    }

    [Theory]
    [InlineData("org", "list", "--json")]
    [InlineData("key", "add", "--org", "7", "--scopes", "events:publish", "--Ens:DataDirectory=x")]
    public void A_command_for_the_data_directory_is_left_to_run(params string[] args)
    {
        var (call, output, errors) = Read(args);
        Assert.Null(call.ExitCode);
        Assert.NotNull(call.Admin);
        Assert.Equal(("", ""), (output, errors));
    }

    private static (CommandLine Call, string Output, string Errors) Read(params string[] args)
    {
        using StringWriter output = new(), errors = new();
        var call = CommandLine.Read(args, output, errors);
        return (call, output.ToString(), errors.ToString());
    }
}
