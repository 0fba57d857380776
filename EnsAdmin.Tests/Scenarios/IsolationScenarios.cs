using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using EnsAdmin.Access;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>
/// One brand's programs and people walk through every door of the program with another brand's ids in their hands. The doors are asked of the program itself:
/// a new one is walked through as soon as it is there.
/// </summary>
public sealed partial class IsolationScenarios
{
    /// <summary>What serves everybody and holds nothing of a brand.</summary>
    private static readonly string[] OfNobody = ["/_blazor", "/_framework/", "/health/", "/metrics", "{**path:file}", Paths.SignOut, Paths.PasskeyRequest, Paths.Passkeys, Paths.Provider];

    /// <summary>What is an operator's alone.</summary>
    private static readonly string[] OfOperators = [Paths.InstallationAudit + "/export"];
    private const string NothingFound = "\"data\":[]";
    private static readonly string[] PagesOfNobody = [Paths.Home, Paths.NotFound, Paths.SignIn, Paths.SecondFactor, Paths.Setup, Paths.Invitation, Paths.Profile, Paths.Organizations, Paths.People, Paths.InstallationAudit, Paths.SystemStatus];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_opens_nothing_of_another_organization()
    {
        await using var app = RunningApp.Start();
        await using var receiver = await Receiver.StartAsync();
        var other = await OtherBrand.SetUpAsync(app, receiver);
        using var theirs = app.Client(other.Key);
        var walked = 0;

        foreach (var (method, pattern) in ApiCalls(app))
        {
            var opened = false;
            foreach (var path in Filled(pattern, other.Ids))
            {
                var (status, body) = await AskAsync(app.Http, method, path.Address);
                Assert.DoesNotContain(other.Marks, mark => path.Without(body).Contains(mark, StringComparison.OrdinalIgnoreCase));
                // Also where a search answers with nothing found, or an id has another form: it says the same of what nobody has.
                var (nobodys, nothing) = await AskAsync(app.Http, method, path.OfNobody);
                Assert.Equal((nobodys, path.Without(nothing)), (status, path.Without(body)));
                Assert.True(status is 404 or 400 || body.Contains(NothingFound, StringComparison.Ordinal) || path.Address == path.OfNobody, $"{method} {path.Address} answered {status}");
                walked++;
                // The brand itself gets in, so that a wrong id would not go unnoticed here.
                opened |= method != "GET" || await AskAsync(theirs, method, path.Address) is (200, var mine) && !mine.Contains(NothingFound, StringComparison.Ordinal);
            }

            Assert.True(opened, $"None of the other brand's ids opens {method} {pattern} to itself: add one that does.");
        }

        Assert.InRange(walked, 50, int.MaxValue);
        Assert.Equal(other.Before, await other.StateAsync());
    }

    [Fact]
    public async Task Lists_hold_nothing_of_another_organization()
    {
        await using var app = RunningApp.Start();
        await using var receiver = await Receiver.StartAsync();
        var other = await OtherBrand.SetUpAsync(app, receiver);

        foreach (var pattern in Endpoints(app).Where(e => e.Method == "GET" && !e.Pattern.Contains('{') && IsApi(e.Pattern)).Select(e => e.Pattern))
        {
            var (status, body) = await AskAsync(app.Http, "GET", pattern);
            Assert.Equal(200, status);
            Assert.DoesNotContain(other.Marks, mark => body.Contains(mark, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task Every_call_of_the_API_names_the_scope_it_asks_for()
    {
        await using var app = RunningApp.Start();
        using var stranger = app.Client(null);
        var calls = Endpoints(app).Where(e => IsApi(e.Pattern)).ToList();

        Assert.All(calls, e => Assert.NotNull(e.Endpoint.Metadata.GetMetadata<RequiredScope>()));
        foreach (var (_, method, pattern) in calls)
        {
            var address = Parameter().Replace(pattern, "0f8fad5b-d9cb-469f-a165-70867728950e").Replace("deliveries/0f8fad5b-d9cb-469f-a165-70867728950e", "deliveries/1").Replace("replay/0f8fad5b-d9cb-469f-a165-70867728950e", "replay/1");
            Assert.Equal((method, pattern, 401), (method, pattern, (await AskAsync(stranger, method, address)).Status));
        }
    }

    [Fact]
    public async Task Whatever_is_neither_API_nor_page_belongs_to_nobody()
    {
        await using var app = RunningApp.Start();
        var unknown = Endpoints(app).Where(e => !IsApi(e.Pattern) && e.Endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is null && e.Endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is null)
            .Where(e => !OfNobody.Any(n => e.Pattern.StartsWith(n, StringComparison.Ordinal)) && !IsFile(e.Endpoint, e.Pattern) && !OfOperators.Contains(e.Pattern));
        Assert.Empty(unknown.Select(e => e.Pattern));
    }

    [Fact]
    public async Task A_page_shows_nothing_of_another_organization()
    {
        await using var app = RunningApp.Start();
        await using var receiver = await Receiver.StartAsync();
        var other = await OtherBrand.SetUpAsync(app, receiver);
        using var browser = await app.SignedInAsync(Role.Admin);
        var walked = 0;

        foreach (var template in Pages().Except(PagesOfNobody))
        {
            Assert.Contains($"{{{Paths.OrganizationParameter}:int}}", template, StringComparison.Ordinal);
            foreach (var path in Filled(template.Replace($"{{{Paths.OrganizationParameter}:int}}", $"{RunningApp.OrgId}"), other.Ids))
                await AssertClosedAsync(path, path.Ids.Count == 0 ? 200 : 404);
            foreach (var path in Filled(template.Replace($"{{{Paths.OrganizationParameter}:int}}", $"{OtherBrand.OrgId}"), other.Ids))
                await AssertClosedAsync(path, 404);
        }

        Assert.InRange(walked, 20, int.MaxValue);

        async Task AssertClosedAsync(Walk path, int status)
        {
            walked++;
            using var answer = await browser.GetAsync(path.Address, Cancel);
            var body = path.Without(await answer.Content.ReadAsStringAsync(Cancel));
            Assert.Equal((path.Address, status), (path.Address, (int)answer.StatusCode));
            Assert.Equal(status == 404, body.Contains("Page not found", StringComparison.Ordinal));
            Assert.DoesNotContain(other.Marks, mark => body.Contains(mark, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task A_file_holds_nothing_of_another_organization_and_is_none_where_the_organization_is_anothers()
    {
        await using var app = RunningApp.Start();
        await using var receiver = await Receiver.StartAsync();
        var other = await OtherBrand.SetUpAsync(app, receiver);
        using var browser = await app.SignedInAsync(Role.Admin);
        using var theirs = await app.SignedInAsync(Role.Admin, OtherBrand.OrgId);
        using var stranger = app.Stranger();
        var files = Endpoints(app).Where(e => IsFile(e.Endpoint, e.Pattern)).Select(e => e.Pattern).ToList();
        Assert.NotEmpty(files);

        foreach (var pattern in files)
        {
            var opened = false;
            // Whatever a file is asked to hold, by its address or by the names of filters.
            foreach (var path in Filled(pattern.Replace(Organization, $"{RunningApp.OrgId}"), other.Ids))
            {
                foreach (var query in new[] { "", "?format=json", $"?org={OtherBrand.OrgId}&orgId={OtherBrand.OrgId}&organization={OtherBrand.OrgId}" })
                {
                    var (status, body) = await AskAsync(browser, "GET", path.Address + query);
                    Assert.Equal(path.Ids.Count == 0 ? 200 : 404, status);
                    Assert.DoesNotContain(other.Marks, mark => path.Without(body).Contains(mark, StringComparison.OrdinalIgnoreCase));
                }
            }

            foreach (var path in Filled(pattern.Replace(Organization, $"{OtherBrand.OrgId}"), other.Ids))
            {
                var (status, body) = await AskAsync(browser, "GET", path.Address);
                Assert.Equal((path.Address, 404), (path.Address, status));
                Assert.DoesNotContain(other.Marks, mark => path.Without(body).Contains(mark, StringComparison.OrdinalIgnoreCase));
                Assert.Equal(302, (await AskAsync(stranger, "GET", path.Address)).Status);
                opened |= await AskAsync(theirs, "GET", path.Address) is (200, var mine) && other.Marks.Any(mark => mine.Contains(mark, StringComparison.OrdinalIgnoreCase));
            }

            Assert.True(opened, $"The other brand finds nothing of its own in {pattern}, so this would see nothing either.");
        }
    }

    [Fact]
    public async Task What_is_the_operators_alone_opens_to_no_admin()
    {
        await using var app = RunningApp.Start();
        using var admin = await app.SignedInAsync(Role.Admin);
        using var keeper = await app.SignedInAsync(Role.Operator);
        foreach (var path in OfOperators.Concat([Paths.InstallationAudit, Paths.SystemStatus, Paths.Organizations, Paths.People]))
        {
            Assert.Equal((path, 403), (path, (await AskAsync(admin, "GET", path)).Status));
            Assert.Equal((path, 200), (path, (await AskAsync(keeper, "GET", path)).Status));
        }
    }

    [Fact]
    public async Task The_same_pages_open_to_the_organization_itself()
    {
        await using var app = RunningApp.Start();
        await using var receiver = await Receiver.StartAsync();
        var other = await OtherBrand.SetUpAsync(app, receiver);
        using var browser = await app.SignedInAsync(Role.Admin, OtherBrand.OrgId);
        foreach (var template in Pages().Except(PagesOfNobody))
        {
            var answers = new List<int>();
            foreach (var path in Filled(template.Replace($"{{{Paths.OrganizationParameter}:int}}", $"{OtherBrand.OrgId}"), other.Ids))
            {
                using var answer = await browser.GetAsync(path.Address, Cancel);
                answers.Add((int)answer.StatusCode);
            }

            Assert.True(answers.Contains(200), $"None of the other brand's ids opens {template} to itself: add one that does.");
        }
    }

    private static IEnumerable<(RouteEndpoint Endpoint, string Method, string Pattern)> Endpoints(RunningApp app) =>
        from endpoint in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        select (endpoint, method, endpoint.RoutePattern.RawText!);

    /// <summary>Calls that name something.</summary>
    private static IEnumerable<(string Method, string Pattern)> ApiCalls(RunningApp app) => Endpoints(app).Where(e => IsApi(e.Pattern) && e.Pattern.Contains('{')).Select(e => (e.Method, e.Pattern))
        .OrderBy(e => e.Method == "DELETE"); // Last, should one get through.

    private static IEnumerable<string> Pages() => typeof(Program).Assembly.GetTypes().SelectMany(t => t.GetCustomAttributes<RouteAttribute>()).Select(r => r.Template);

    private static readonly string Organization = $"{{{Paths.OrganizationParameter}:int}}";

    /// <summary>Of an organization, and no page.</summary>
    private static bool IsFile(Endpoint endpoint, string pattern) => pattern.Contains(Organization, StringComparison.Ordinal) && endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is null;

    private static bool IsApi(string pattern) => pattern.TrimStart('/').StartsWith("v3", StringComparison.OrdinalIgnoreCase);

    /// <summary>The pattern with each of the ids in each of its places, and beside it the same with ids that nobody has.</summary>
    private static IEnumerable<Walk> Filled(string pattern, IReadOnlyList<(string Id, string OfNobody)> ids)
    {
        IEnumerable<Walk> walks = [new Walk(pattern, pattern, [])];
        foreach (var kind in Parameter().Matches(pattern).Select(m => m.Groups[2].Value))
        {
            var fitting = ids.Where(i => kind switch { "long" => long.TryParse(i.Id, out _), "guid" => Guid.TryParse(i.Id, out _), _ => true }).ToList();
            walks = walks.SelectMany(w => fitting.Select(i => new Walk(Parameter().Replace(w.Address, Uri.EscapeDataString(i.Id), 1), Parameter().Replace(w.OfNobody, Uri.EscapeDataString(i.OfNobody), 1), [.. w.Ids, i.Id, i.OfNobody])));
        }

        return walks;
    }

    private static async Task<(int Status, string Body)> AskAsync(HttpClient http, string method, string address)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        if (method is "POST" or "PUT") request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(request, Cancel);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    [GeneratedRegex(@"\{(\w+)(?::(\w+))?\}")]
    private static partial Regex Parameter();

    private sealed record Walk(string Address, string OfNobody, IReadOnlyList<string> Ids)
    {
        /// <summary>An answer may name what was asked for.</summary>
        public string Without(string body) => Ids.OrderByDescending(id => id.Length).Aggregate(body, (text, id) => text.Replace(id, ""));
    }
}
