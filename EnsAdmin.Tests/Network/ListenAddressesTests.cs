using EnsAdmin.Network;
using Microsoft.Extensions.Configuration;

namespace EnsAdmin.Tests.Network;

public sealed class ListenAddressesTests
{
    [Theory]
    [InlineData("Urls", "http://localhost:5080")]
    [InlineData("Urls", "http://LOCALHOST:5080;https://127.0.0.1:5081")]
    [InlineData("Urls", "http://127.8.9.1:0")]
    [InlineData("Urls", "http://[::1]:5080")]
    [InlineData("Kestrel:Endpoints:Main:Url", "http://127.0.0.1:5080")]
    public void Addresses_of_this_machine_cannot_be_reached_from_elsewhere(string key, string value)
    {
        Assert.Empty(ListenAddresses.Mistakes(Configuration((key, value))));
        Assert.Empty(ListenAddresses.Reachable(Configuration((key, value))));
    }

    [Theory]
    [InlineData("Urls", "http://*:5080")]
    [InlineData("Urls", "http://+:5080")]
    [InlineData("Urls", "http://0.0.0.0:5080")]
    [InlineData("Urls", "http://[::]:5080")]
    [InlineData("Urls", "http://192.168.0.7:5080")]
    [InlineData("Urls", "http://localhost.example.com:5080")]
    [InlineData("http_ports", "8080")]
    [InlineData("https_ports", "8081")]
    [InlineData("Kestrel:Endpoints:Main:Url", "http://*:5080")]
    public void Any_other_address_can(string key, string value)
    {
        Assert.Empty(ListenAddresses.Mistakes(Configuration((key, value))));
        Assert.Equal([$"{key} = \"{value}\""], ListenAddresses.Reachable(Configuration((key, value))));
    }

    [Theory]
    [InlineData("5080", "should be an address to listen on, as http://localhost:5080")]
    [InlineData("localhost:5080", "should be an address to listen on, as http://localhost:5080")]
    [InlineData("http://localhost:abc", "should be an address to listen on, as http://localhost:5080")]
    [InlineData("http://unix:/tmp/ens.sock", "should be an address to listen on, as http://localhost:5080")]
    [InlineData("http://localhost:5080/app", "should end with its port, as http://localhost:5080")]
    [InlineData("http://localhost:99999", "should have a port from 0 to 65535, as http://localhost:5080")]
    [InlineData("http://localhost:-1", "should have a port from 0 to 65535, as http://localhost:5080")]
    public void What_is_no_address_is_refused_with_an_example(string value, string wrong) =>
        Assert.Equal([$"Urls = \"{value}\": {wrong}"], ListenAddresses.Mistakes(Configuration(("Urls", value))));

    [Fact]
    public void Every_wrong_address_is_told() =>
        Assert.Equal(2, ListenAddresses.Mistakes(Configuration(("Urls", "http://localhost:5080;http://localhost:99999;nonsense"))).Count());

    [Fact]
    public void Urls_stand_above_ports_as_they_do_for_Kestrel() =>
        Assert.Empty(ListenAddresses.Reachable(Configuration(("Urls", "http://localhost:5080"), ("http_ports", "8080"))));

    private static IConfiguration Configuration(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value)).Build();
}
