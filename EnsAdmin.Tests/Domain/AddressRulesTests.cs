using System.Net;
using EnsAdmin.Dispatch;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Tests.Domain;

/// <summary>Spellings of addresses, as a URL carries them, judged where the connection would be opened; nothing is dialled.</summary>
public sealed class AddressRulesTests
{
    // First and last address of each special range, and well-known ones inside.
    private static readonly string[] ForbiddenV4 =
    [
        "0.0.0.0", "0.0.0.1", "0.255.255.255", "10.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.0", "100.100.100.200", "100.127.255.255", "127.0.0.1", "127.0.0.53", "127.1.2.3",
        "127.255.255.255", "168.63.129.16", "169.254.0.0", "169.254.169.254", "169.254.170.2", "169.254.255.255", "172.16.0.0", "172.20.10.1", "172.31.255.255", "192.0.0.1", "192.0.0.192",
        "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    ];

    private static readonly string[] PublicV4 = ["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255"];

    public static TheoryData<string> Forbidden() =>
    [
        .. ForbiddenV4.SelectMany(Spellings),
        "127.1", "127.0.1", "0", "0x7f.1", "0177.1", "0x7f.0x0.0x0.0x1", "017700000001", "127.0.0.1.", "①②⑦.⓪.⓪.①", "127。0。0。1", "%31%32%37.0.0.1",
        "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::127.0.0.1]", "[::7f00:1]", "[::10.0.0.1]", "[fe80::1]", "[fe80::1%25eth0]", "[febf::1]", "[fec0::1]",
        "[fc00::1]", "[fd00:ec2::254]", "[fdff::1]", "[ff02::1]", "[ff0e::1]", "[100::1]", "[2001::1]", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[2001:2::1]", "[2001:20::1]", "[2001:db8::1]",
        "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2002:808:808::1]", "[3fff::1]", "[64:ff9b:1::1]", "[4000::1]", "[5f00::1]", "[2606:4700::5efe:127.0.0.1]", "[2606:4700::200:5efe:10.0.0.1]", "[::ffff:0:127.0.0.1]",
    ];

    public static TheoryData<string> Public() =>
    [
        .. PublicV4.SelectMany(Spellings), "[2606:4700:4700::1111]", "[2a00:1450:4001:80b::200e]", "[2001:4860:4860::8888]", "[2606:4700::5efe:8.8.8.8]",
    ];

    /// <summary>Dotted, as one number (decimal, hexadecimal, octal), with hexadecimal and octal parts, and inside of IPv6.</summary>
    private static IEnumerable<string> Spellings(string address)
    {
        var b = IPAddress.Parse(address).GetAddressBytes();
        var number = (uint)(b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3]);
        return
        [
            address, $"{number}", $"0x{number:x}", $"0{Convert.ToString(number, 8)}", string.Join('.', b.Select(x => $"0x{x:X}")), string.Join('.', b.Select(x => $"0{Convert.ToString(x, 8)}")),
            $"[::ffff:{address}]", $"[0:0:0:0:0:FFFF:{b[0]:x2}{b[1]:x2}:{b[2]:x2}{b[3]:x2}]", $"[64:ff9b::{address}]",
        ];
    }

    [Theory, MemberData(nameof(Forbidden))]
    public async Task Every_spelling_of_an_address_inside_is_refused(string host)
    {
        // What is no address to the URL goes to the resolver: the answer is what counts, so here that is the loopback.
        var refused = await Assert.ThrowsAsync<BlockedAddressException>(() => Guard("", IPAddress.Loopback).AddressesAsync(HostOf(host), TestContext.Current.CancellationToken));
        Assert.Contains("Ens:Delivery:AllowedNetworks", refused.Message, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Public))]
    public async Task A_public_address_passes(string host) => Assert.Single(await Guard("").AddressesAsync(HostOf(host), TestContext.Current.CancellationToken));

    [Fact]
    public void There_are_hundreds_of_spellings() => Assert.True(Forbidden().Count >= 200);

    [Theory]
    [InlineData("127.0.0.0/8", "127.9.9.9", true)]
    [InlineData("127.0.0.0/8", "[::ffff:127.0.0.1]", true)]
    [InlineData("127.0.0.0/8", "[::1]", false)]
    [InlineData("127.0.0.0/8", "10.0.0.1", false)]
    [InlineData("10.1.0.0/16, fd00:1::/32", "10.1.255.255", true)]
    [InlineData("10.1.0.0/16, fd00:1::/32", "[fd00:1::9]", true)]
    [InlineData("10.1.0.0/16, fd00:1::/32", "10.2.0.0", false)]
    [InlineData("10.1.0.0/16", "[64:ff9b::10.1.0.1]", false)]
    [InlineData("127.0.0.0/8", "[64:ff9b::127.0.0.1]", false)]
    [InlineData("64:ff9b::/96", "[64:ff9b::10.1.0.1]", true)]
    public async Task The_operator_opens_networks_and_nothing_beside_them(string opened, string host, bool allowed)
    {
        var judged = await Record.ExceptionAsync(() => Guard(opened).AddressesAsync(HostOf(host), TestContext.Current.CancellationToken));
        Assert.Equal(allowed, judged is null);
    }

    [Fact]
    public async Task One_forbidden_address_among_the_answers_refuses_the_name() =>
        await Assert.ThrowsAsync<BlockedAddressException>(() => Guard("", IPAddress.Parse("1.1.1.1"), IPAddress.Parse("2606:4700::1"), IPAddress.Parse("::1")).AddressesAsync("hooks.example", TestContext.Current.CancellationToken));

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.0/8,  ::1/128,")]
    public void Lists_of_networks_are_read(string text) => Assert.NotNull(NetworkListAttribute.Read(text));

    [Theory]
    [InlineData("10.0.0.0")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/8; ::1/128")]
    [InlineData("10.0.0.0/33")]
    [InlineData("localhost")]
    public void What_is_no_network_is_said(string text) => Assert.Null(NetworkListAttribute.Read(text));

    private static string HostOf(string host) => Uri.TryCreate($"http://{host}/", UriKind.Absolute, out var url) ? url.IdnHost : host;

    private static AddressGuard Guard(string opened, params IPAddress[] answers) => new(Options.Create(new DeliveryOptions { AllowedNetworks = opened }), (_, _) => Task.FromResult(answers), TimeProvider.System);
}
