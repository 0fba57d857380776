using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EnsAdmin.Benchmarks;

/// <summary>What it costs to ask for a key.</summary>
internal static class KeyRows
{
    private static readonly Actor By = new("benchmark");

    /// <summary>In a process of its own: two endpoints that read the body and answer 202; one lets in only a key with its scope, as the product's do.</summary>
    public static async Task RunAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0", "--AllowedHosts=*"]);
        builder.Logging.ClearProviders();
        builder.Services.Configure<StorageOptions>(o => o.DataDirectory = Directory.CreateTempSubdirectory("ens-bench-").FullName);
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<ChangeFeed>().AddData().AddAccess().AddAuthorization();
        var app = builder.Build();
        await app.Services.PrepareDatabaseAsync();
        await app.Services.GetRequiredService<OrganizationStore>().AddAsync(1655, "Harbour Coffee", "UTC", By);
        var key = (AddKeyResult.Added)await app.Services.GetRequiredService<KeyStore>().AddAsync(1655, new NewKey { Name = "benchmark", Scopes = Scopes.All }, By);
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapPost("/open", ReadAsync);
        app.MapPost("/keyed", ReadAsync).RequireScope(Scopes.EventsPublish);
        await app.StartAsync();
        Console.WriteLine($"ready {app.Urls.Single()} {key.Whole}");
        await app.WaitForShutdownAsync();
    }

    /// <summary>How much longer a call takes that shows a key, of the time that an event takes in the product: the part by which ingest would be faster without.</summary>
    public static async Task<Row> OfAnEventAsync(int events, int runs)
    {
        await using var product = await Product.StartAsync();
        var (child, line) = await Child.SelfAsync("keyed");
        await using var _ = child;
        var (url, key) = (line.Split(' ')[1], line.Split(' ')[2]);
        Load.Keys[new Uri(url).Authority] = new("Bearer", key);
        var parts = new List<(double, double)>();
        for (var run = -1; run < runs; run++)
        {
            var open = await TimeAsync($"{url}/open");
            var keyed = await TimeAsync($"{url}/keyed");
            var ours = await TimeAsync($"{product.Url}/v3/events");
            if (run >= 0) parts.Add((keyed - open, ours)); // The first warms them up.
        }

        return Report.Of("asking for a key, of the time of a single event", parts, 0.05, false, "us");

        async Task<double> TimeAsync(string to) => (await Load.TimeAsync(() => Load.ForAsync(events, 64, _ => Load.PostAsync(to, Load.Event())))).TotalMicroseconds / events;
    }

    private static async Task ReadAsync(HttpContext http)
    {
        var buffer = new byte[4096];
        while (await http.Request.Body.ReadAsync(buffer) > 0) { }
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }
}
