using System.Reflection;
using System.Runtime.CompilerServices;
using EnsAdmin.Data;
using EnsAdmin.Network;
using EnsAdmin.People;
using EnsAdmin.Shared;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Hosting;

/// <summary>How the program comes up: where its configuration lies, what is checked before anything is touched, what it says.</summary>
public static partial class HostingServices
{
    /// <summary>A builder over the embedded appsettings.json, one beside the program, one in the working directory, the environment,
    /// the command line and, above all, the demo.</summary>
    public static WebApplicationBuilder CreateBuilder(CommandLine call, DemoDirectory? demo)
    {
        // Settings are checked once, at start; a file that is edited later must not slip past the check.
        var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. call.Settings]);
        var beside = new JsonConfigurationSource { Path = Path.Combine(AppContext.BaseDirectory, "appsettings.json"), Optional = true };
        beside.ResolveFileProvider();
        builder.Configuration.Sources.Insert(0, beside);
        using (var embedded = typeof(Program).Assembly.GetManifestResourceStream("appsettings.json")!)
            builder.Configuration.Sources.Insert(0, new ChainedConfigurationSource { Configuration = new ConfigurationBuilder().AddJsonStream(embedded).Build() });
        if (demo is not null)
        {
            builder.Configuration.Sources.Insert(1, new MemoryConfigurationSource { InitialData = DemoDirectory.Defaults });
            builder.Configuration.AddInMemoryCollection(demo.Settings);
        }

        if (ListenAddresses.NothingConfigured(builder.Configuration)) builder.WebHost.UseUrls(ListenAddresses.DefaultUrl);
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddEnsOptions<DemoMode>(DemoMode.Section).AddSingleton<SettingsCheck>().AddSingleton<EffectiveSettings>().AddSingleton<SettingsRecord>().AddSingleton<DataDirectoryLock>();
        LeaveFailedStartsToTheProgram(builder);
        LogOneLineEach(builder);
        // It writes whole addresses, and those of one-time links are secrets.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", level => level >= LogLevel.Warning);
        if (call.Admin is not null) builder.Logging.ClearProviders(); // Its output is an answer, for scripts too.
        return builder;
    }

    /// <summary>To be called before the application is built: the host and the log read their settings as they come up, and fail at the first wrong one.</summary>
    /// <exception cref="StartupFailure">A setting is wrong.</exception>
    public static void CheckSettings(this WebApplicationBuilder builder)
    {
        using var services = builder.Services.BuildServiceProvider();
        services.GetRequiredService<SettingsCheck>().Run();
    }

    /// <summary>To be called before anything touches the data directory.</summary>
    /// <exception cref="AddressNotFreeException">An address is taken, or not this machine's.</exception>
    /// <exception cref="StartupFailure">The data directory cannot be had.</exception>
    public static void CheckStart(this WebApplication app)
    {
        if (IsTheProcess) ListenAddresses.CheckFree(app.Configuration);
        app.Services.GetRequiredService<DataDirectoryLock>().Take();
        if (!IsTheProcess) return;
        app.Lifetime.ApplicationStarted.Register(() =>
            Console.WriteLine($"EnsAdmin {Version} listens on {string.Join(" and ", app.Urls)}, data in {app.Services.GetRequiredService<DataDirectory>().Path}"));
    }

    /// <summary>Makes the first operator from the settings, or says on the console where to do it. Without one, nobody elsewhere is let near.</summary>
    /// <exception cref="StartupFailure">The settings of <c>Ens:Bootstrap</c> will not do, or an address can be reached from elsewhere and there is no operator.</exception>
    public static async Task FirstStartAsync(this WebApplication app)
    {
        var wrong = await app.Services.GetRequiredService<Bootstrap>().RunAsync();
        if (wrong.Count > 0) throw new StartupFailure(string.Join(Environment.NewLine, wrong.Select(w => "  " + w).Prepend("EnsAdmin cannot make its first operator:")));
        await CheckReachAsync(app);
        var setup = app.Services.GetRequiredService<Setup>();
        if (!IsTheProcess || !await setup.IsNeededAsync()) return;
        app.Lifetime.ApplicationStarted.Register(() =>
            Console.WriteLine($"Nobody has an account yet. Make the first one, within an hour, at {app.Urls.First().TrimEnd('/')}{Paths.Setup}?token={setup.Open()}"));
    }

    private static async Task CheckReachAsync(WebApplication app)
    {
        var reachable = ListenAddresses.Reachable(app.Configuration).ToList();
        if (reachable.Count == 0) return;
        var given = string.Join(" and ", reachable);
        if (app.Configuration.GetValue<bool>(DemoMode.Key)) throw new StartupFailure($"{given}: the demo signs everybody in, so it listens on this machine alone: use localhost, 127.0.0.1 or [::1].");
        if (await app.Services.GetRequiredService<Accounts>().AnyOperatorAsync())
        {
            if (ListenAddresses.AnyReachableInPlain(app.Configuration) && app.Services.GetRequiredService<IOptions<NetworkOptions>>().Value.Proxies.Length == 0) ReadableOnTheWay(app.Logger, given);
            return;
        }

        throw new StartupFailure(string.Join(Environment.NewLine,
            $"{given}: can be reached from elsewhere, and there is no operator yet. Make the first one, then start it again:",
            $"  start EnsAdmin on this machine alone, with --urls={ListenAddresses.DefaultUrl}, and open the address that it prints;",
            "  or run EnsAdmin user add you@example.com --operator on the same data directory;",
            $"  or set {BootstrapOptions.Section}:Email, {BootstrapOptions.Section}:PasswordFile and {BootstrapOptions.Section}:OrgId, and it makes the operator as it starts."));
    }

    /// <summary>Whether this is the program itself, and not a host of tests that has addresses of its own and wants exceptions.</summary>
    public static bool IsTheProcess => Assembly.GetEntryAssembly() == typeof(Program).Assembly;

    /// <summary>Of the program.</summary>
    public static string Version => typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>The host, Kestrel and EF log a failed start with its stack trace; Program says the same in one line.</summary>
    private static void LeaveFailedStartsToTheProgram(WebApplicationBuilder builder)
    {
        var started = new StrongBox<bool>();
        builder.Services.AddOptions<HostOptions>().Configure<IHostApplicationLifetime>((_, lifetime) => lifetime.ApplicationStarted.Register(() => started.Value = true));
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", level => level >= LogLevel.Warning && (started.Value || level != LogLevel.Error));
        builder.Logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", level => level >= LogLevel.Warning && (started.Value || level != LogLevel.Critical));
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore.Database.Command", level => level >= LogLevel.Warning && started.Value);
    }

    /// <summary>What the console looks like where the configuration says nothing else.</summary>
    private static void LogOneLineEach(WebApplicationBuilder builder)
    {
        const string moment = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
        First<ConsoleLoggerOptions>(console => console.FormatterName = ConsoleFormatterNames.Simple);
        First<SimpleConsoleFormatterOptions>(console => (console.SingleLine, console.UseUtcTimestamp, console.TimestampFormat) = (true, true, moment + " "));
        First<JsonConsoleFormatterOptions>(console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, moment));

        // The configuration's own comes later, and counts.
        void First<T>(Action<T> configure) where T : class => builder.Services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<T>>(new ConfigureOptions<T>(configure)));
    }

    [LoggerMessage(LogLevel.Warning, "{Addresses}: over plain HTTP passwords and keys can be read on the way; listen by HTTPS, or behind a proxy that Ens:Proxies names")]
    private static partial void ReadableOnTheWay(ILogger log, string addresses);
}
