using EnsAdmin.Access;
using EnsAdmin.Activity;
using EnsAdmin.Catalog;
using EnsAdmin.Data;
using EnsAdmin.Dispatch;
using EnsAdmin.Ingestion;
using EnsAdmin.Shell;
using EnsAdmin.Webhooks;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseStaticWebAssets();
builder.Services.Configure<StorageOptions>(builder.Configuration.GetSection(StorageOptions.Section));
builder.Services.Configure<OrganizationOptions>(builder.Configuration.GetSection(OrganizationOptions.Section));
builder.Services.Configure<DeliveryOptions>(builder.Configuration.GetSection(DeliveryOptions.Section));
builder.Services.Configure<IngestionOptions>(builder.Configuration.GetSection(IngestionOptions.Section));
builder.Services.AddSingleton(_ => EventCatalog.LoadEmbedded());
builder.Services.AddData().AddDispatch().AddIngestion().AddWebhooks().AddActivity();
builder.Services.AddRazorComponents().AddInteractiveServerComponents();
builder.Services.AddShell();

var app = builder.Build();
await app.Services.PrepareDatabaseAsync();
app.UseErrorPages();
app.UseAntiforgery();
app.MapStaticAssets();
app.MapEventsApi();
app.MapWebhooksApi();
app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
app.Run();

/// <summary>The entry point, visible so that tests can start the real application.</summary>
public partial class Program;
