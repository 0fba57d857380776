using System.CommandLine;

namespace EnsAdmin.Hosting;

/// <summary>What the command line asks for.</summary>
/// <param name="ExitCode">Set where it is answered already (<c>--help</c>, <c>--version</c>, a mistake).</param>
/// <param name="Settings">The arguments that belong to the configuration.</param>
/// <param name="Admin">What to do instead of serving; null where it serves.</param>
public sealed record CommandLine(int? ExitCode, bool Demo, string[] Settings, AdminWork? Admin = null)
{
    /// <summary>Reads the arguments, and prints the answer where one is due.</summary>
    public static CommandLine Read(string[] args, TextWriter output, TextWriter error)
    {
        var demo = new Command("demo", "Run on a throw-away data directory, with receivers and a trickle of events inside.");
        var root = new RootCommand("EnsAdmin, a self-hosted event notification service.\n"
            + "Without a command it starts the server. Every setting of appsettings.json can be given as --Section:Key=value,\n"
            + "or as the environment variable Section__Key; what each of them means stands in README.md, section Settings.")
        {
            demo,
            OrganizationCommands.Create(),
            UserCommands.Create(),
            KeyCommands.Create(),
            ProtectionCommands.Create(),
            ImportCommands.Create(),
            Option("--urls", "addresses", "Where to listen; on this machine alone until there is an operator. Default: http://localhost:5080"),
            Option("--Ens:DataDirectory", "path", "Database, keys and lock file. Default: ens-data"),
        };
        foreach (var other in Setting.All().Where(s => root.Options.All(o => o.Name != $"--{s.Key}"))) root.Options.Add(Option($"--{other.Key}", "value", other.Description()));
        demo.SetAction(_ => { });
        root.SetAction(_ => { });

        var (settings, others) = ConfigurationArguments.Split(args);
        var call = root.Parse(others);
        if ((Mistake(call, others) ?? (call.CommandResult.Command == demo ? MistakeOfDemo(settings) : null)) is { } mistake)
        {
            error.WriteLine(mistake);
            error.WriteLine("Run it with --help to see what it takes.");
            return new(1, false, settings);
        }
        // The commands have empty actions, so that help and version are all that is ever carried out here.
        var command = call.CommandResult.Command;
        var asked = call.Action != command.Action;
        var exitCode = call.Invoke(new InvocationConfiguration { Output = output, Error = error });
        return new(asked ? exitCode : null, command == demo, settings, asked ? null : (command as AdminCommand)?.Prepare(call));
    }

    private static Option<string> Option(string name, string value, string description) => new(name) { HelpName = value, Description = description };

    private static string? Mistake(ParseResult call, string[] others)
    {
        var bare = Array.Find(others, ConfigurationArguments.IsSetting);
        if (bare is not null) return $"{bare} needs a value: {bare}=value";
        return call.Errors.Count == 0 ? null : string.Join(Environment.NewLine, call.Errors.Select(e => e.Message).Distinct());
    }

    private static string? MistakeOfDemo(string[] settings)
    {
        var given = DemoDirectory.OwnKeys.FirstOrDefault(key => settings.Any(s => s.Split('=')[0].Equals($"--{key}", StringComparison.OrdinalIgnoreCase)));
        return given is null ? null : $"The demo sets {given} itself; leave it out, or start without demo.";
    }
}
