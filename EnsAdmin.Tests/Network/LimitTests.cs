using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using EnsAdmin.Domain;
using EnsAdmin.Network;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Tests.Network;

/// <summary>Nobody uses up more than their share.</summary>
public sealed class LimitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_endpoint_has_a_bound_for_time_and_size()
    {
        await using var app = RunningApp.Start();
        var endpoints = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();

        Assert.True(endpoints.Count > 40);
        Assert.Equal(TimeSpan.FromMinutes(1), app.Services.GetRequiredService<IOptions<RequestTimeoutOptions>>().Value.DefaultPolicy?.Timeout);
        // An open page is a connection that stays; what it may send and keep is bounded otherwise.
        Assert.All(endpoints, e => Assert.True(e.Metadata.GetMetadata<DisableRequestTimeoutAttribute>() is null || e.RoutePattern.RawText!.StartsWith("/_blazor", StringComparison.Ordinal), e.DisplayName));
        Assert.All(endpoints, e => Assert.True(e.Metadata.GetMetadata<RequestTimeoutPolicy>() is not { } own || own.Timeout < TimeSpan.FromMinutes(10), e.DisplayName));
        Assert.All(endpoints, e => Assert.True(e.Metadata.GetMetadata<IRequestSizeLimitMetadata>() is not { } own || own.MaxRequestBodySize < 8 * 1024 * 1024, e.DisplayName));
    }

    [Fact]
    public async Task No_endpoint_takes_a_body_that_is_too_large()
    {
        await using var app = RunningApp.Start();
        using var http = await app.SignedInAsync(Role.Operator);
        http.DefaultRequestHeaders.Authorization = new("Bearer", app.Key);
        var walked = 0;
        foreach (var endpoint in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["POST"];
            foreach (var method in methods.Where(m => m is "POST" or "PUT"))
            {
                var path = string.Join('/', endpoint.RoutePattern.PathSegments.Select(s => string.Concat(s.Parts.Select(p => p is Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal ? literal.Content : "1655"))));
                using var request = new HttpRequestMessage(new HttpMethod(method), "/" + path) { Content = new EndlessContent(16 * 1024 * 1024) };
                try
                {
                    using var answer = await http.SendAsync(request, Cancel);
                    Assert.True((int)answer.StatusCode is >= 300 and < 500, $"{method} /{path}: {(int)answer.StatusCode}");
                }
                catch (HttpRequestException)
                {
                    // The connection was cut while the body was still being sent.
                }
                walked++;
            }
        }

        Assert.True(walked > 20, $"{walked}");
    }

    [Fact]
    public async Task A_body_over_the_limit_is_answered_in_the_form_of_the_API()
    {
        await using var app = RunningApp.Start(settings: ("Ens:Limits:MaxBodyKilobytes", "64"));
        using var answer = await app.Http.PostAsync("/v3/webHooks", new StringContent(new string(' ', 70_000)), Cancel);
        Assert.Equal(413, (int)answer.StatusCode);
        Assert.Equal(413, (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("errors")[0].GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task A_call_that_never_ends_is_ended()
    {
        await using var app = RunningApp.Start(settings: ("Ens:Limits:RequestTimeout", "00:00:01"));
        var answer = await RawAsync(app, $"POST /v3/webHooks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {app.Key}\r\nContent-Length: 1000\r\n\r\n{{");
        Assert.StartsWith("HTTP/1.1 504 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":504", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_head_that_never_ends_is_not_waited_for()
    {
        await using var app = RunningApp.Start(settings: ("Ens:Limits:HeadTimeout", "00:00:01"));
        Assert.StartsWith("HTTP/1.1 408 ", await RawAsync(app, "GET / HTTP/1.1\r\nHost: loc"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_head_that_is_too_large_is_refused()
    {
        await using var app = RunningApp.Start(settings: ("Ens:Limits:MaxHeadKilobytes", "4"));
        Assert.StartsWith("HTTP/1.1 431 ", await RawAsync(app, $"GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: {new string('x', 5000)}\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed()
    {
        await using var app = RunningApp.Start(settings: ("Ens:Limits:MaxConnections", "10"));
        var held = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 20; i++)
            {
                var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, new Uri(app.Url).Port, Cancel);
                held.Add(client);
            }

            Assert.Equal("", await ReadToEndAsync(held[^1].GetStream()));
        }
        finally
        {
            held.ForEach(c => c.Dispose());
        }
    }

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/Sign-in/")] // The same page.
    public async Task Whoever_fails_too_often_from_one_address_waits_whatever_the_account(string page)
    {
        var time = Some.Clock();
        await using var app = RunningApp.Start(time, null, ("Ens:Limits:FailedSignInsPerAddress", "3"));
        var email = await app.AddUserAsync(Role.Admin);
        using var http = app.Stranger();
        for (var i = 0; i < 3; i++) Assert.Equal(200, (int)(await http.SignInAsync($"nobody-{i}@example.com", RunningAppPeople.Password, page)).StatusCode);

        using var refused = await http.SignInAsync(email, RunningAppPeople.Password, page);
        Assert.Equal(429, (int)refused.StatusCode);
        Assert.Equal("300", Assert.Single(refused.Headers.GetValues("Retry-After")));
        Assert.Contains("Too many tries", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);

        time.Advance(FailedSignIns.Window);
        using var signedIn = await http.SignInAsync(email, RunningAppPeople.Password);
        Assert.Equal(302, (int)signedIn.StatusCode);
    }

    [Fact]
    public void An_address_of_IPv6_is_its_network_and_what_succeeds_is_not_counted()
    {
        var time = Some.Clock();
        var failed = new FailedSignIns(Options.Create(new LimitOptions { FailedSignInsPerAddress = 1 }), time);
        Assert.Null(failed.Begin(IPAddress.Parse("2001:db8:1:2::1")));
        Assert.Equal(FailedSignIns.Window, failed.Begin(IPAddress.Parse("2001:db8:1:2:ffff::9")));
        Assert.Null(failed.Begin(IPAddress.Parse("2001:db8:1:3::1")));
        Assert.Null(failed.Begin(IPAddress.Parse("203.0.113.9")));
        Assert.NotNull(failed.Begin(IPAddress.Parse("::ffff:203.0.113.9")));
        Assert.Null(failed.Begin(IPAddress.Parse("203.0.113.10")));
        failed.TakeBack(IPAddress.Parse("203.0.113.9"));
        Assert.Null(failed.Begin(IPAddress.Parse("203.0.113.9")));
    }

    [Fact]
    public void Pages_are_counted_for_each_person_and_for_all()
    {
        var pages = new OpenPages(Options.Create(new LimitOptions { MaxPages = 3, MaxPagesPerPerson = 2 }));
        Assert.True(pages.TryOpen("a") && pages.TryOpen("a"));
        Assert.False(pages.TryOpen("a"));
        Assert.True(pages.TryOpen("b"));
        Assert.False(pages.TryOpen("c"));
        pages.Close("a");
        Assert.True(pages.TryOpen("c"));
    }

    [Fact]
    public async Task Whoever_opens_a_page_without_asking_for_it_is_counted_too()
    {
        await using var app = RunningApp.Start(settings: ("Ens:Limits:MaxPages", "1"));
        await using var first = app.Services.CreateAsyncScope();
        await using var second = app.Services.CreateAsyncScope();
        foreach (var scope in new[] { first, second })
            ((ServerAuthenticationStateProvider)scope.ServiceProvider.GetRequiredService<AuthenticationStateProvider>()).SetAuthenticationState(Task.FromResult(new AuthenticationState(new())));
        CircuitHandler One(AsyncServiceScope scope) => scope.ServiceProvider.GetServices<CircuitHandler>().Single(h => h.GetType().Name == "CountedPage");

        await One(first).OnCircuitOpenedAsync(null!, Cancel);
        await Assert.ThrowsAsync<InvalidOperationException>(() => One(second).OnCircuitOpenedAsync(null!, Cancel));
        await One(second).OnCircuitClosedAsync(null!, Cancel);
        Assert.NotNull(app.Services.GetRequiredService<OpenPages>().Full(""));
        await One(first).OnCircuitClosedAsync(null!, Cancel);
        await One(second).OnCircuitOpenedAsync(null!, Cancel);
    }

    [Fact]
    public async Task What_a_page_may_keep_here_is_bounded_by_the_settings()
    {
        await using var app = RunningApp.Start(settings: [("Ens:Limits:MaxLostPages", "7"), ("Ens:Limits:LostPageLifetime", "00:00:40"), ("Ens:Limits:MaxWaitingRenders", "5"), ("Ens:Limits:MaxPageMessageKilobytes", "16"), ("Ens:Limits:ScriptTimeout", "00:00:09")]);
        var circuits = app.Services.GetRequiredService<IOptions<CircuitOptions>>().Value;
        Assert.Equal((7, 7, TimeSpan.FromSeconds(40), 5, TimeSpan.FromSeconds(9)), (circuits.DisconnectedCircuitMaxRetained, circuits.PersistedCircuitInMemoryMaxRetained,
            circuits.DisconnectedCircuitRetentionPeriod, circuits.MaxBufferedUnacknowledgedRenderBatches, circuits.JSInteropDefaultCallTimeout));
        var hub = typeof(CircuitOptions).Assembly.GetType("Microsoft.AspNetCore.Components.Server.ComponentHub")!;
        var options = app.Services.GetRequiredService(typeof(IOptions<>).MakeGenericType(typeof(HubOptions<>).MakeGenericType(hub)));
        Assert.Equal(16 * 1024L, ((HubOptions)options.GetType().GetProperty("Value")!.GetValue(options)!).MaximumReceiveMessageSize);
    }

    private static async Task<string> RawAsync(RunningApp app, string head)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(app.Url).Port, Cancel);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Cancel);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        // The whole answer, or the end of the connection.
        while (!answer.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) || (answer.ToString().Contains("chunked", StringComparison.Ordinal) && !answer.ToString().EndsWith("0\r\n\r\n", StringComparison.Ordinal)))
        {
            var n = await client.GetStream().ReadAsync(buffer, Cancel);
            if (n == 0) break;
            answer.Append(Encoding.ASCII.GetString(buffer, 0, n));
        }
        return answer.ToString();
    }

    private static async Task<string> ReadToEndAsync(NetworkStream stream)
    {
        try
        {
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync(Cancel);
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>A body that does not say how long it is.</summary>
    private sealed class EndlessContent(int bytes) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var piece = new byte[64 * 1024];
            for (var sent = 0; sent < bytes; sent += piece.Length) await stream.WriteAsync(piece);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
