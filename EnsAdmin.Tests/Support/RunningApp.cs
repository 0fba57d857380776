using System.Net.Http.Json;
using System.Text.Json;
using EnsAdmin.Access;
using EnsAdmin.Dispatch;
using EnsAdmin.Domain;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace EnsAdmin.Tests.Support;

/// <summary>The real application over a data directory of its own, on real Kestrel, with a clock that the test moves where it asks for one.</summary>
public sealed class RunningApp : IAsyncDisposable
{
    private readonly Factory _factory;
    private readonly bool _ownsData;

    private RunningApp(Factory factory, bool ownsData)
    {
        _factory = factory;
        _ownsData = ownsData;
        Url = factory.Start();
        AddOrganizationAsync(OrgId, "Harbour Coffee").GetAwaiter().GetResult();
        Key = AddKeyAsync(OrgId, Scopes.All).GetAwaiter().GetResult();
        Http = Client(Key);
    }

    /// <summary>The organization that every test has.</summary>
    public const int OrgId = 1655;
    /// <summary>The networks of the receivers, which an operator would open as well.</summary>
    public const string Loopback = "127.0.0.0/8, ::1/128";

    public string Url { get; }
    /// <summary>A key of <see cref="OrgId"/> with all scopes.</summary>
    public string Key { get; }

    /// <summary>Sends <see cref="Key"/>.</summary>
    public HttpClient Http { get; }
    public IServiceProvider Services => _factory.Services;
    public string DataDirectory => _factory.DataDirectory;

    public static RunningApp Start(FakeTimeProvider? time = null, string? dataDirectory = null, params (string Key, string Value)[] settings) =>
        new(new Factory(dataDirectory ?? Directory.CreateTempSubdirectory("ens-test").FullName, time, _ => { }, settings), dataDirectory is null);

    /// <summary>The same, with a resolver of names that the test plays.</summary>
    public static RunningApp Start(Resolve resolve, params (string Key, string Value)[] settings) => StartWith(services => services.Replace(ServiceDescriptor.Singleton(resolve)), settings);

    /// <summary>The same, with its log heard from the level of information on.</summary>
    public static RunningApp Start(FakeTimeProvider time, LogLines log) => new(new Factory(Directory.CreateTempSubdirectory("ens-test").FullName, time, services => services.AddSingleton<ILoggerProvider>(log), [("Logging:LogLevel:EnsAdmin", "Information")]), true);

    /// <summary>The same over data that is there, with its warnings heard.</summary>
    public static RunningApp StartOver(string dataDirectory, LogLines log, params (string Key, string Value)[] settings) => new(new Factory(dataDirectory, null, services => services.AddSingleton<ILoggerProvider>(log), settings), false);

    /// <summary>The same, with a part that the test puts in another's place.</summary>
    public static RunningApp StartWith(Action<IServiceCollection> replace, params (string Key, string Value)[] settings) => new(new Factory(Directory.CreateTempSubdirectory("ens-test").FullName, null, replace, settings), true);

    /// <summary>Adds an organization, if it is not there from a former run.</summary>
    public async Task AddOrganizationAsync(int orgId, string name)
    {
        var errors = await Services.GetRequiredService<OrganizationStore>().AddAsync(orgId, name, "UTC", Some.Actor);
        Assert.True(errors.All(e => e.Message.Contains("already", StringComparison.Ordinal)), string.Join(", ", errors));
    }

    /// <returns>The whole key, as a caller needs it.</returns>
    public async Task<string> AddKeyAsync(int orgId, IReadOnlyList<string> scopes, DateTimeOffset? expiresAt = null, string networks = "")
    {
        var added = await Services.GetRequiredService<KeyStore>().AddAsync(orgId, new NewKey { Name = "test", Scopes = scopes, ExpiresAt = expiresAt, AllowedNetworks = networks }, Some.Actor);
        return Assert.IsType<AddKeyResult.Added>(added).Whole;
    }

    /// <summary>A client that sends this key; with none, no key.</summary>
    public HttpClient Client(string? key)
    {
        var client = new HttpClient { BaseAddress = new Uri(Url) };
        if (key is not null) client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return client;
    }

    /// <summary>Creates a webhook over the API and returns its id.</summary>
    public async Task<string> CreateWebhookAsync(string url, int connections = 20, string name = "orders", params string[] events)
    {
        var answer = await Http.PostAsJsonAsync("/v3/webHooks", new { name, webHookUrl = url, maxAllowedConnections = connections, eventNames = events.Length > 0 ? events : [Some.EventName] });
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(answer.IsSuccessStatusCode, body.ToString());
        return body.GetProperty("data").GetProperty("webHookId").GetString()!;
    }

    public Task<HttpResponseMessage> PublishAsync(string json) => Http.PostAsync("/v3/events", new StringContent(json));

    public async Task PublishAcceptedAsync(string json)
    {
        using var answer = await PublishAsync(json);
        Assert.True((int)answer.StatusCode == 202, await answer.Content.ReadAsStringAsync());
    }

    public ValueTask DisposeAsync() => DisposeAsync(_ownsData);

    /// <summary>Stops the application and leaves its data for the next start.</summary>
    public ValueTask StopAsync() => DisposeAsync(false);

    private async ValueTask DisposeAsync(bool deleteData)
    {
        Http.Dispose();
        await _factory.DisposeAsync();
        await Eventually.HoldsAsync(() => Task.FromResult(IsFree()), () => $"{DataDirectory} is given back");
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        if (deleteData) Directory.Delete(DataDirectory, recursive: true);
    }

    // The program's Main disposes the services as well: whoever comes second returns at once, while the first may still hold the directory.
    private bool IsFree()
    {
        try
        {
            using var held = new FileStream(Path.Combine(DataDirectory, "ens.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private sealed class Factory(string dataDirectory, FakeTimeProvider? time, Action<IServiceCollection> replace, (string Key, string Value)[] settings) : WebApplicationFactory<Program>
    {
        public string DataDirectory => dataDirectory;

        public string Start()
        {
            UseKestrel(0);
            StartServer();
            return ClientOptions.BaseAddress.ToString();
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseSetting("Ens:DataDirectory", dataDirectory);
            builder.UseSetting("Logging:LogLevel:Default", "Warning");
            builder.UseSetting("Ens:Delivery:AllowedNetworks", Loopback);
            foreach (var (key, value) in settings) builder.UseSetting(key, value);
            builder.ConfigureServices(services =>
            {
                services.Replace(ServiceDescriptor.Singleton(new Jitter(() => 0.5)));
                if (time is not null) services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time));
                replace(services);
            });
        }
    }
}
