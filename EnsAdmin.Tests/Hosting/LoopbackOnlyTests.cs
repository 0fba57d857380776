using EnsAdmin.Hosting;
using Microsoft.Extensions.Configuration;

namespace EnsAdmin.Tests.Hosting;

public sealed class LoopbackOnlyTests
{
    [Theory]
    [InlineData("Urls", "http://localhost:5080")]
    [InlineData("Urls", "http://LOCALHOST:5080;https://127.0.0.1:5081")]
    [InlineData("Urls", "http://127.8.9.1:0")]
    [InlineData("Urls", "http://[::1]:5080")]
    [InlineData("Kestrel:Endpoints:Main:Url", "http://127.0.0.1:5080")]
    public void Addresses_of_this_machine_are_fine(string key, string value) => LoopbackOnly.Check(Configuration((key, value)));

    [Theory]
    [InlineData("Urls", "http://*:5080", "http://*:5080")]
    [InlineData("Urls", "http://+:5080", "http://+:5080")]
    [InlineData("Urls", "http://0.0.0.0:5080", "http://0.0.0.0:5080")]
    [InlineData("Urls", "http://[::]:5080", "http://[::]:5080")]
    [InlineData("Urls", "http://192.168.0.7:5080", "http://192.168.0.7:5080")]
    [InlineData("Urls", "http://localhost:5080;http://ens.example.com", "http://ens.example.com")]
    [InlineData("Urls", "http://localhost.example.com:5080", "http://localhost.example.com:5080")]
    [InlineData("Urls", "http://unix:/tmp/ens.sock", "http://unix:/tmp/ens.sock")]
    [InlineData("http_ports", "8080", "http://*:8080")]
    [InlineData("https_ports", "8081", "https://*:8081")]
    [InlineData("Kestrel:Endpoints:Main:Url", "http://*:5080", "http://*:5080")]
    public void Any_other_address_is_refused_with_the_reason(string key, string value, string address)
    {
        var failure = Assert.Throws<StartupFailure>(() => LoopbackOnly.Check(Configuration((key, value))));
        Assert.Equal($"EnsAdmin does not listen on {address}: it has no accounts yet, so only this machine may reach it. Use localhost, 127.0.0.1 or [::1].", failure.Message);
    }

    [Theory]
    [InlineData("5080")]
    [InlineData("localhost:5080")]
    [InlineData("http://localhost:5080/app")]
    public void What_is_no_address_is_refused_with_an_example(string value)
    {
        var failure = Assert.Throws<StartupFailure>(() => LoopbackOnly.Check(Configuration(("Urls", value))));
        Assert.Contains("http://localhost:5080.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Urls_stand_above_ports_as_they_do_for_Kestrel() =>
        LoopbackOnly.Check(Configuration(("Urls", "http://localhost:5080"), ("http_ports", "8080")));

    private static IConfiguration Configuration(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value)).Build();
}
