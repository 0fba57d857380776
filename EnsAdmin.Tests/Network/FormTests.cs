using System.Net;
using System.Text.RegularExpressions;
using EnsAdmin.Domain;
using EnsAdmin.People;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Network;

public sealed partial class FormTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_form_is_taken_without_its_token()
    {
        await using var app = RunningApp.Start();
        using var http = await app.SignedInAsync(Role.Operator);
        var walked = 0;
        foreach (var endpoint in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var pattern = endpoint.RoutePattern.RawText!.TrimStart('/');
            var takesPosts = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("POST") ?? endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;
            if (!takesPosts || pattern.StartsWith("v3", StringComparison.OrdinalIgnoreCase) || pattern.StartsWith('_')) continue;
            foreach (var handler in new[] { "sign-in", "code", "setup", "accept", "join", "passkey" })
            {
                using var answer = await http.PostAsync("/" + Parameter().Replace(pattern, "1655"), new FormUrlEncodedContent([new("_handler", handler), new("Given.Email", "jo@example.com")]), Cancel);
                Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{pattern}: {answer.StatusCode}");
                walked++;
            }
        }

        Assert.True(walked > 60, $"{walked}");
    }

    [Fact]
    public async Task Every_form_on_a_page_carries_its_token()
    {
        await using var app = RunningApp.Start();
        using var signedIn = await app.SignedInAsync(Role.Operator);
        using var stranger = app.Stranger();
        var forms = 0;
        foreach (var (http, path) in new[]
        {
            (stranger, Paths.SignIn), (signedIn, "/o/1655/event-notifications"), (signedIn, Paths.Profile),
            (stranger, $"{Paths.Invitation}?token={(await app.Services.GetRequiredService<InvitationStore>().AddAsync(RunningApp.OrgId, "sam@example.com", Role.Viewer, Some.Actor, Cancel)).Token}"),
        })
        {
            foreach (Match form in Form().Matches(await http.GetStringAsync(path, Cancel)))
            {
                if (!form.Value.Contains("method=\"post\"", StringComparison.Ordinal)) continue;
                forms++;
                Assert.Contains("name=\"__RequestVerificationToken\"", form.Value, StringComparison.Ordinal);
            }
        }

        Assert.True(forms >= 5, $"{forms}");
    }

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Form();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
