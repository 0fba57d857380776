using EnsAdmin.Access;
using EnsAdmin.Activity;
using EnsAdmin.Catalog;
using EnsAdmin.Data;
using EnsAdmin.Demo;
using EnsAdmin.Directories;
using EnsAdmin.Dispatch;
using EnsAdmin.Enrichment;
using EnsAdmin.Hosting;
using EnsAdmin.Ingestion;
using EnsAdmin.Network;
using EnsAdmin.Operations;
using EnsAdmin.People;
using EnsAdmin.Protection;
using EnsAdmin.Replays;
using EnsAdmin.Shell;
using EnsAdmin.Telemetry;
using EnsAdmin.Webhooks;

var call = CommandLine.Read(args, Console.Out, Console.Error);
if (call.ExitCode is { } answered) return answered;
try
{
    EmbeddedNative.Load();
    using var demo = call.Demo ? new DemoDirectory() : null;
    var builder = HostingServices.CreateBuilder(call, demo);
    builder.Services.AddEnsOptions<StorageOptions>(StorageOptions.Section)
        .AddEnsOptions<NetworkOptions>(NetworkOptions.Section)
        .AddEnsOptions<HttpsOptions>(HttpsOptions.Section)
        .AddEnsOptions<LimitOptions>(LimitOptions.Section)
        .AddEnsOptions<MetricsOptions>(MetricsOptions.Section)
        .AddEnsOptions<ProtectionOptions>(ProtectionOptions.Section)
        .AddEnsOptions<FormerProtectionOptions>(FormerProtectionOptions.Section)
        .AddEnsOptions<KeyOptions>(KeyOptions.Section)
        .AddEnsOptions<BootstrapOptions>(BootstrapOptions.Section)
        .AddEnsOptions<ProviderOptions>(ProviderOptions.Section)
        .AddEnsOptions<SmtpOptions>(SmtpOptions.Section)
        .AddEnsOptions<DeliveryOptions>(DeliveryOptions.Section)
        .AddEnsOptions<RetentionOptions>(RetentionOptions.Section)
        .AddEnsOptions<IngestionOptions>(IngestionOptions.Section)
        .AddEnsOptions<DirectoryOptions>(DirectoryOptions.Section);
    builder.Services.AddSingleton(_ => EventCatalog.LoadEmbedded());
    builder.Services.AddData().AddProtection().AddAccess().AddPeople().AddProvider(builder.Configuration).AddNetwork().AddDispatch().AddEnrichment().AddIngestion().AddWebhooks().AddReplays().AddActivity().AddDirectory().AddHealth().AddOperations().AddTelemetry(builder.Configuration);
    builder.Services.AddRazorComponents().AddInteractiveServerComponents();
    builder.Services.AddApiFailures().AddShell();
    var isDemo = builder.Configuration.GetValue<bool>(DemoMode.Key);
    builder.Services.AddSingleton(new DemoVisitor(isDemo));
    if (isDemo) builder.Services.AddHostedService<DemoShow>();

    builder.CheckSettings();
    await using var app = builder.Build();
    if (call.Admin is { } work) return await AdminCommand.RunAsync(work, app.Services);
    app.CheckStart();
    await app.Services.PrepareDatabaseAsync();
    await app.Services.GetRequiredService<KeyRotation>().PrepareAsync();
    await app.Services.GetRequiredService<SettingsRecord>().NoteAsync();
    if (isDemo) await DemoSignIn.PrepareAsync(app.Services);
    await app.FirstStartAsync();
    app.UseNetwork();
    app.UsePagesAtStop();
    app.UseErrorPages();
    app.UseRequestTimeouts();
    app.UseApiFailures();
    app.UseCrossSiteRefusal();
    app.UseAuthentication();
    if (isDemo) app.UseDemoSignIn();
    app.UsePageLimits();
    app.UseAuthorization();
    app.UseKeyLimits();
    app.UseAntiforgery();
    var assets = EmbeddedWebRoot.Map(app);
    app.MapEventsApi();
    app.MapWebhooksApi();
    app.MapReplaysApi();
    app.MapEventLogApi();
    app.MapDirectoryApi();
    app.MapPeople();
    app.MapProvider();
    app.MapAudit();
    app.MapHealth();
    app.MapMetrics();
    app.MapRazorComponents<App>().AddInteractiveServerRenderMode(o => o.ContentSecurityFrameAncestorsPolicy = null).WithStaticAssets(assets);
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (HostingServices.IsTheProcess && StartupFailure.Explain(e) is { } line)
{
    await Console.Error.WriteLineAsync(line);
    return 1;
}

/// <summary>The entry point, visible so that tests can start the real application.</summary>
public partial class Program;
