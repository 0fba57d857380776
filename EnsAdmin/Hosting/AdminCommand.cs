using System.CommandLine;
using System.Text.Json;
using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Protection;

namespace EnsAdmin.Hosting;

/// <summary>What a command does with the services of the data directory, in which a server may be at work.</summary>
/// <returns>The exit code.</returns>
public delegate Task<int> AdminWork(IServiceProvider services, TextWriter output, TextWriter error);

/// <summary>A command that looks after an installation and ends.</summary>
internal sealed class AdminCommand : Command
{
    /// <summary>Who is said to have made its changes.</summary>
    public static readonly Actor Actor = new("command line");

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public AdminCommand(string name, string description, Func<ParseResult, AdminWork> prepare) : base(name, description)
    {
        Prepare = prepare;
        SetAction(_ => { });
    }

    public Func<ParseResult, AdminWork> Prepare { get; }

    /// <summary>Brings the database up to this version where nobody else is at work on it, then runs.</summary>
    /// <exception cref="StartupFailure">A setting is wrong, or the data directory cannot be used.</exception>
    public static async Task<int> RunAsync(AdminWork work, IServiceProvider services)
    {
        services.GetRequiredService<SettingsCheck>().Run();
        if (!await services.IsDatabaseCurrentAsync())
        {
            services.GetRequiredService<DataDirectoryLock>().Take();
            await services.PrepareDatabaseAsync();
        }
        services.GetRequiredService<KeyRotation>().Check();

        return await work(services, Console.Out, Console.Error);
    }

    /// <summary>Says what is wrong, one a line; without a mistake it says nothing.</summary>
    public static async Task<int> AnswerAsync(TextWriter error, IReadOnlyCollection<AccessError> errors)
    {
        foreach (var e in errors) await error.WriteLineAsync(e.Message);
        return errors.Count == 0 ? 0 : 1;
    }

    /// <summary>One JSON array, or a table with the names of the first row's columns as its head.</summary>
    public static async Task<int> ListAsync<T>(TextWriter output, bool json, IReadOnlyList<T> rows, params (string Head, Func<T, string?> Cell)[] columns)
    {
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(rows, Json));
            return 0;
        }

        var lines = rows.Select(r => columns.Select(c => c.Cell(r) ?? "-").ToArray()).Prepend([.. columns.Select(c => c.Head)]).ToList();
        var widths = columns.Select((_, i) => lines.Max(l => l[i].Length)).ToArray();
        foreach (var line in lines) await output.WriteLineAsync(string.Join("  ", line.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
        return 0;
    }
}
