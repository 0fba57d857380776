using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace EnsAdmin.Tests.Support;

/// <summary>Has the application of a test listen by HTTPS as well.</summary>
public sealed class AlsoHttps(int port) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        var addresses = app.ServerFeatures.Get<IServerAddressesFeature>()!.Addresses;
        var before = addresses.ToList();
        addresses.Clear(); // The test's client takes the last.
        foreach (var address in before.Prepend($"https://127.0.0.1:{port}")) addresses.Add(address);
        next(app);
    };
}
