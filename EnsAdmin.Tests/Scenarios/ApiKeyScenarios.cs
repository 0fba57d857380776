using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>Programs come with a key of their organization, and with what it allows.</summary>
public sealed class ApiKeyScenarios
{
    private const string Webhooks = "/v3/webHooks";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_is_taken_whole_as_Bearer_and_in_two_parts_as_Basic()
    {
        await using var app = RunningApp.Start();
        using var http = app.Client(null);

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(http, new("Bearer", app.Key))).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(http, new("bearer", app.Key))).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(http, Basic(Id(app.Key), Secret(app.Key)))).Status);
    }

    [Fact]
    public async Task Without_a_key_the_answer_says_how_to_come_with_one()
    {
        await using var app = RunningApp.Start();
        using var http = app.Client(null);

        using var answer = await http.GetAsync(Webhooks, Cancel);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(["Bearer", "Basic"], answer.Headers.WwwAuthenticate.Select(w => w.Scheme));
        var (code, message) = Error(await answer.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(401, code);
        Assert.Contains("Authorization: Bearer", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_guesses_does_not_learn_which_keys_there_are()
    {
        await using var app = RunningApp.Start();
        using var http = app.Client(null);
        var (id, secret) = (Id(app.Key), Secret(app.Key));
        AuthenticationHeaderValue[] guesses =
        [
            new("Bearer", ApiKey.Whole(id, secret[..^1] + "0")), new("Bearer", ApiKey.Whole(id, "")), new("Bearer", id), new("Bearer", ApiKey.Whole("ens_aaaaaaaaaaaa", secret)),
            new("Bearer", secret), new("Bearer", "x"), new("Bearer", new string('x', 5000)), Basic(id, "wrong"), Basic("", secret), Basic(id, ""), Basic("admin", "admin"),
        ];

        foreach (var guess in guesses)
        {
            var (status, body) = await AskAsync(http, guess);
            Assert.Equal((HttpStatusCode.Unauthorized, (401, "There is no such key, or it was revoked.")), (status, Error(body)));
        }
    }

    [Theory]
    [InlineData("Digest", "username=x")]
    [InlineData("Basic", "no base64!")]
    [InlineData("Bearer", "")]
    public async Task Any_other_header_is_refused(string scheme, string value)
    {
        await using var app = RunningApp.Start();
        using var http = app.Client(null);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(http, new(scheme, value))).Status);
    }

    [Fact]
    public async Task A_key_without_the_scope_is_refused_and_told_which_one_it_lacks()
    {
        await using var app = RunningApp.Start();
        using var http = app.Client(await app.AddKeyAsync(RunningApp.OrgId, [Scopes.EventsPublish]));

        using var answer = await http.PostAsync(Webhooks, JsonContent.Create(new { }), Cancel);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal((4000, "This key does not have the scope webhooks:write."), Error(await answer.Content.ReadAsStringAsync(Cancel)));
        using var published = await http.PostAsync("/v3/events", new StringContent(Some.Event("e-1")), Cancel);
        Assert.Equal(HttpStatusCode.Accepted, published.StatusCode);
    }

    [Fact]
    public async Task A_key_is_good_until_it_expires()
    {
        var clock = Some.Clock();
        await using var app = RunningApp.Start(clock);
        using var http = app.Client(await app.AddKeyAsync(RunningApp.OrgId, [Scopes.WebhooksRead], clock.GetUtcNow().AddDays(30)));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(http, null)).Status);

        clock.Advance(TimeSpan.FromDays(30));

        var (status, body) = await AskAsync(http, null);
        Assert.Equal((HttpStatusCode.Unauthorized, (401, "This key has expired.")), (status, Error(body)));
    }

    [Theory]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("10.0.0.0/8, 127.0.0.1/32", true)]
    [InlineData("10.0.0.0/8, fd00:1::/32", false)]
    public async Task A_key_is_used_from_its_networks_alone(string networks, bool allowed)
    {
        await using var app = RunningApp.Start();
        using var http = app.Client(await app.AddKeyAsync(RunningApp.OrgId, [Scopes.WebhooksRead], networks: networks));

        var (status, body) = await AskAsync(http, null);

        Assert.Equal(allowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden, status);
        if (!allowed) Assert.Equal((4000, "This key may not be used from this address."), Error(body));
    }

    [Fact]
    public async Task A_revoked_key_is_refused_from_that_moment()
    {
        await using var app = RunningApp.Start();
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(app.Http, null)).Status);

        Assert.True(await app.Services.GetRequiredService<KeyStore>().RevokeAsync(RunningApp.OrgId, Id(app.Key), Some.Actor, Cancel));

        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(app.Http, null)).Status);
        using var event_ = await app.PublishAsync(Some.Event("e-1"));
        Assert.Equal(HttpStatusCode.Unauthorized, event_.StatusCode);
    }

    [Fact]
    public async Task A_key_that_asks_too_often_is_told_when_to_come_again_and_others_are_not_held_up()
    {
        await using var app = RunningApp.Start(null, null, ("Ens:Keys:MaxRequestsPerSecond", "3"));
        using var other = app.Client(await app.AddKeyAsync(RunningApp.OrgId, [Scopes.WebhooksRead]));

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => app.Http.GetAsync(Webhooks, Cancel)));

        var refused = answers.Where(a => a.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        Assert.NotEmpty(refused);
        Assert.Equal("1", refused[0].Headers.RetryAfter?.ToString());
        Assert.Equal(429, Error(await refused[0].Content.ReadAsStringAsync(Cancel)).Code);
        Assert.Contains(answers, a => a.StatusCode == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(other, null)).Status);
    }

    [Fact]
    public async Task The_last_use_is_noted_at_most_once_a_minute()
    {
        var clock = Some.Clock();
        await using var app = RunningApp.Start(clock);
        var first = clock.GetUtcNow();
        await AskAsync(app.Http, null);
        await Eventually.HoldsAsync(async () => await UsedAsync(app) == first, () => "the first use");

        clock.Advance(TimeSpan.FromSeconds(59));
        await AskAsync(app.Http, null);
        await app.Services.GetRequiredService<GroupCommitWriter>().RefreshWebhooksAsync();
        Assert.Equal(first, await UsedAsync(app));

        clock.Advance(TimeSpan.FromSeconds(1));
        await AskAsync(app.Http, null);
        await Eventually.HoldsAsync(async () => await UsedAsync(app) == first.AddMinutes(1), () => "the use of a minute later");
    }

    [Fact]
    public async Task What_a_key_publishes_is_its_organizations()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start();
        await app.CreateWebhookAsync(receiver.Url, events: "customerAdded");
        await app.AddOrganizationAsync(7, "North Roast");
        using var theirs = app.Client(await app.AddKeyAsync(7, Scopes.All));

        using var refused = await theirs.PostAsync("/v3/events", new StringContent(Some.Event("e-1", "customerAdded")), Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        using var taken = await theirs.PostAsync("/v3/events", new StringContent(Some.Event("e-1", "customerAdded").Replace("1655", "7")), Cancel);
        Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
        Assert.Equal(0, (await taken.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("data").GetProperty("deliveries").GetInt32());

        // The same eventId is free for the other.
        await app.PublishAcceptedAsync(Some.Event("e-1", "customerAdded"));
        Assert.Contains("1655", (await receiver.ReceivedAsync(1))[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_secret_is_nowhere_but_with_whoever_was_told()
    {
        await using var app = RunningApp.Start();
        await AskAsync(app.Http, null);
        var store = app.Services.GetRequiredService<KeyStore>();
        await store.RevokeAsync(RunningApp.OrgId, Id(app.Key), Some.Actor, Cancel);

        var key = Assert.Single(await store.AllAsync(RunningApp.OrgId, Cancel));
        Assert.Equal((Id(app.Key), "test"), (key.Id, key.CreatedBy));
        foreach (var file in Directory.GetFiles(app.DataDirectory, "ens.db*"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, Cancel);
            Assert.False(bytes.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(Secret(app.Key))) >= 0, $"The secret is in {file}.");
        }
    }

    [Fact]
    public async Task Keys_and_organizations_leave_their_trace_in_the_audit()
    {
        await using var app = RunningApp.Start();
        await app.Services.GetRequiredService<KeyStore>().RevokeAsync(RunningApp.OrgId, Id(app.Key), Some.Actor, Cancel);
        await app.AddOrganizationAsync(7, "North Roast");

        await using var db = app.Services.GetRequiredService<EnsContexts>().Of(RunningApp.OrgId);
        var entries = await db.AuditEntries.OrderBy(e => e.Id).ToListAsync(Cancel);

        Assert.Equal(["organization.added", "key.added", "key.revoked"], entries.Select(e => e.Action));
        Assert.All(entries, e => Assert.Equal("test", e.By));
        Assert.Equal($"key {Id(app.Key)}", entries[1].Subject);
        Assert.Null(entries[1].Before);
        Assert.Contains("\"revokedAt\":null", entries[2].Before, StringComparison.Ordinal);
        Assert.DoesNotContain("\"revokedAt\":null", entries[2].After, StringComparison.Ordinal);
        Assert.DoesNotContain(entries, e => $"{e.Before}{e.After}".Contains(Secret(app.Key), StringComparison.Ordinal));
    }

    private static string Id(string key) => key[..ApiKey.IdLength];

    private static string Secret(string key) => key[(ApiKey.IdLength + 1)..];

    private static AuthenticationHeaderValue Basic(string id, string secret) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}")));

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(HttpClient http, AuthenticationHeaderValue? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Webhooks);
        if (authorization is not null) request.Headers.Authorization = authorization;
        using var answer = await http.SendAsync(request, Cancel);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    private static (int Code, string Message) Error(string body)
    {
        var error = JsonDocument.Parse(body).RootElement.GetProperty("errors")[0];
        return (error.GetProperty("code").GetInt32(), error.GetProperty("message").GetString()!);
    }

    private static async Task<DateTimeOffset?> UsedAsync(RunningApp app) =>
        (await app.Services.GetRequiredService<KeyStore>().AllAsync(RunningApp.OrgId, Cancel)).Single(k => k.Id == Id(app.Key)).LastUsedAt;
}
