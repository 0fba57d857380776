using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>Stores, tills and customers over the API.</summary>
public sealed class DirectoryApiScenarios
{
    private const string Customer = """{"customerId":42,"instore":{"id":7,"mobile":"919812345678","email":"a@example.com","externalId":"L-9","cards":["1001",{"number":"1002","externalId":"X-2"}]},"wechat":{"accounts":[{"accountId":"acc","identifiers":[{"identifierType":"openid","identifierValue":"o-1"}]}]}}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_put_comes_back_with_where_it_came_from_until_it_is_deleted()
    {
        await using var app = RunningApp.Start();
        Assert.Equal(("""{"added":1,"changed":0,"unchanged":0}""", 200), await PutAsync(app, "customers", $"[{Customer}]"));
        Assert.Equal(("""{"added":0,"changed":0,"unchanged":1}""", 200), await PutAsync(app, "customers", Customer));
        Assert.Equal(("""{"added":0,"changed":1,"unchanged":0}""", 200), await PutAsync(app, "customers", """{"customerId":42,"instore":{"mobile":null,"email":"b@example.com"}}"""));

        var (body, _) = await AskAsync(app, HttpMethod.Get, "/v3/directory/customers/42");
        var data = JsonDocument.Parse(body).RootElement;
        var instore = data.GetProperty("instore");
        Assert.Equal((7, "b@example.com", "L-9"), (instore.GetProperty("id").GetInt64(), instore.GetProperty("email").GetString(), instore.GetProperty("externalId").GetString()));
        Assert.False(instore.TryGetProperty("mobile", out _)); // Null took it out; what was left out stayed.
        Assert.Equal("""[{"number":"1001"},{"number":"1002","externalId":"X-2"}]""", instore.GetProperty("cards").GetRawText());
        Assert.Equal("o-1", data.GetProperty("wechat").GetProperty("accounts")[0].GetProperty("identifiers")[0].GetProperty("identifierValue").GetString());
        var origin = data.GetProperty("origins").GetProperty("instore.email");
        Assert.Equal(("api", app.Key[..ApiKey.IdLength]), (origin.GetProperty("kind").GetString(), origin.GetProperty("by").GetString()));

        Assert.Equal(200, (await AskAsync(app, HttpMethod.Delete, "/v3/directory/customers/42")).Status);
        Assert.Equal(404, (await AskAsync(app, HttpMethod.Get, "/v3/directory/customers/42")).Status);
        Assert.Equal(404, (await AskAsync(app, HttpMethod.Delete, "/v3/directory/customers/42")).Status);
        Assert.Equal(404, (await AskAsync(app, HttpMethod.Get, "/v3/directory/customers/abc")).Status);
    }

    [Fact]
    public async Task Each_call_that_changes_something_is_told_with_its_key_and_counts()
    {
        await using var app = RunningApp.Start();
        await PutAsync(app, "stores", """[{"storeId":1,"code":"A"},{"storeId":2,"code":"B"}]""");
        await PutAsync(app, "stores", """[{"storeId":1,"code":"A"},{"storeId":2,"code":"B"}]""");
        await PutAsync(app, "stores", """[{"storeId":1,"code":"C"},{"storeId":2,"code":"B"},{"storeId":3}]""");
        await using var db = app.Services.GetRequiredService<EnsContexts>().Of(RunningApp.OrgId);
        var entries = await db.AuditEntries.Where(e => e.Action == "directory.written").OrderBy(e => e.Id).ToListAsync(Cancel);
        Assert.Equal(["{\"added\":2,\"changed\":0,\"unchanged\":0}", "{\"added\":1,\"changed\":1,\"unchanged\":1}"], entries.Select(e => e.After));
        Assert.All(entries, e => Assert.Equal(("stores", app.Key[..ApiKey.IdLength], "127.0.0.1"), (e.Subject, e.KeyId, e.RemoteAddress)));
    }

    [Fact]
    public async Task Arrays_lines_and_gzip_are_taken_alike()
    {
        await using var app = RunningApp.Start();
        var lines = string.Join('\n', Enumerable.Range(1, 500).Select(i => $$"""{"storeId":{{i}},"code":"S{{i}}","name":"Quay {{i}}","timeZone":"Asia/Kolkata"}"""));
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true)) await gzip.WriteAsync(Encoding.UTF8.GetBytes(lines), Cancel);
        foreach (var cut in new[] { 1, 8, 9, 100, (int)packed.Length })
        {
            using var refused = await PutPackedAsync(packed.ToArray()[..^cut]);
            Assert.Equal((cut, HttpStatusCode.BadRequest), (cut, refused.StatusCode));
        }

        using var answer = await PutPackedAsync(packed.ToArray());
        Assert.Equal("""{"data":{"added":500,"changed":0,"unchanged":0},"errors":null,"warnings":null}""", await answer.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(("""{"added":1,"changed":0,"unchanged":0}""", 200), await PutAsync(app, "tills", """[{"tillId":77,"code":"T1","storeId":12}]"""));

        async Task<HttpResponseMessage> PutPackedAsync(byte[] body)
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
            content.Headers.ContentEncoding.Add("gzip");
            return await app.Http.PutAsync("/v3/directory/stores", content, Cancel);
        }
    }

    [Fact]
    public async Task Pages_go_by_id_and_a_search_by_any_identifier()
    {
        await using var app = RunningApp.Start();
        var many = Enumerable.Range(1, 250).Select(i => $$$"""{"customerId":{{{i}}},"instore":{"mobile":"91980000{{{i:0000}}}"}}""").Append(Customer.Replace(":42,", ":1042,", StringComparison.Ordinal));
        await PutAsync(app, "customers", $"[{string.Join(',', many)}]");
        Assert.Equal([.. Enumerable.Range(1, 250).Select(i => (long)i), 1042], await PagesAsync("limit=100"));

        foreach (var word in new[] { "919812345678", "A@example.com", "l-9", "1002", "x-2", "o-1", "1042" })
            Assert.Equal([1042], await FoundAsync(word));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9], await FoundAsync("91980000000"));
        Assert.Empty(await FoundAsync("nobody"));
        // A search has the same pages, and each record once.
        Assert.Equal([.. Enumerable.Range(1, 250).Select(i => (long)i), 1042], await PagesAsync("search=9198&limit=50"));
        // Of 1042 three identifiers begin so, and 100 has it for its id.
        await PutAsync(app, "customers", """[{"customerId":7,"instore":{"cards":["100-A"]}},{"customerId":1042,"instore":{"mobile":"1003"}}]""");
        foreach (var limit in new[] { 1, 2, 3, 1000 }) Assert.Equal([7, 100, 1042], await PagesAsync($"search=100&limit={limit}"));
        Assert.Equal([100], await FoundAsync("919800000100"));

        async Task<List<long>> PagesAsync(string query)
        {
            var seen = new List<long>();
            for (var cursor = ""; ;)
            {
                var page = JsonDocument.Parse((await AskAsync(app, HttpMethod.Get, $"/v3/directory/customers?{query}{cursor}")).Body).RootElement;
                seen.AddRange(page.GetProperty("customers").EnumerateArray().Select(c => c.GetProperty("customerId").GetInt64()));
                if (page.GetProperty("nextCursor").ValueKind == JsonValueKind.Null) return seen;
                cursor = $"&cursor={page.GetProperty("nextCursor").GetInt64()}";
            }
        }

        async Task<List<long>> FoundAsync(string word) =>
            [.. JsonDocument.Parse((await AskAsync(app, HttpMethod.Get, $"/v3/directory/customers?search={Uri.EscapeDataString(word)}")).Body).RootElement.GetProperty("customers").EnumerateArray().Select(c => c.GetProperty("customerId").GetInt64()).Order()];
    }

    [Fact]
    public async Task Every_fault_is_said_with_its_place_and_nothing_is_written()
    {
        await using var app = RunningApp.Start();
        var (body, status) = await PutAsync(app, "stores", """[{"storeId":1,"name":"good"},{"storeId":"x","timeZone":"Harbour/Quay"},{"storeId":1},{"storeId":4,"size":9},7]""");
        Assert.Equal(400, status);
        Assert.Equal(["/1/storeId", "/1/timeZone", "/3/size", "/4", "/2/storeId"], Pointers(body));
        Assert.Equal(404, (await AskAsync(app, HttpMethod.Get, "/v3/directory/stores/1")).Status);

        (body, _) = await PutAsync(app, "customers", "{\"customerId\":1}\n{\"customerId\":2\n\n{\"customerId\":3,\"instore\":{\"mobile\":5}}", "application/x-ndjson");
        Assert.Equal(["/1/customerId", "/2/instore/mobile"], Pointers(body));
        Assert.Contains("Line 2: ", body);
        Assert.Contains("Line 4: instore.mobile must be text.", body);

        Assert.Equal(400, (await PutAsync(app, "stores", "[]")).Status);
        Assert.Equal(400, (await PutAsync(app, "stores", $"[{string.Join(',', Enumerable.Range(0, 1001).Select(i => $$"""{"storeId":{{i}}}"""))}]")).Status);
        Assert.Equal(413, (await PutAsync(app, "stores", new string(' ', 6 * 1024 * 1024))).Status);
        Assert.Equal(400, (await AskAsync(app, HttpMethod.Get, "/v3/directory/stores?limit=0")).Status);

        static IEnumerable<string?> Pointers(string body) => JsonDocument.Parse(body).RootElement.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task A_small_body_that_unpacks_to_much_is_refused()
    {
        await using var app = RunningApp.Start();
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            for (var i = 0; i < 200; i++) await gzip.WriteAsync(new byte[1024 * 1024], Cancel);
        using var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentEncoding.Add("gzip");
        using var answer = await app.Http.PutAsync("/v3/directory/stores", content, Cancel);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task Reading_and_writing_ask_for_scopes_of_their_own()
    {
        await using var app = RunningApp.Start();
        using var reader = app.Client(await app.AddKeyAsync(RunningApp.OrgId, [Scopes.DirectoryRead]));
        using var writer = app.Client(await app.AddKeyAsync(RunningApp.OrgId, [Scopes.DirectoryWrite]));
        using var written = await writer.PutAsync("/v3/directory/stores", new StringContent("""{"storeId":1}"""), Cancel);
        using var read = await reader.GetAsync("/v3/directory/stores/1", Cancel);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (written.StatusCode, read.StatusCode));

        using var refusedWrite = await reader.DeleteAsync("/v3/directory/stores/1", Cancel);
        using var refusedRead = await writer.GetAsync("/v3/directory/stores", Cancel);
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (refusedWrite.StatusCode, refusedRead.StatusCode));
    }

    [Fact]
    public async Task What_ingest_looks_up_is_what_was_put_or_deleted_last()
    {
        await using var app = RunningApp.Start();
        var sql = app.Services.GetRequiredService<GroupCommitWriter>();
        await PutAsync(app, "stores", """{"storeId":1,"name":"Quay"}""");
        Assert.Equal("Quay", await NameAsync());
        await PutAsync(app, "stores", """{"storeId":1,"name":"New Quay"}""");
        Assert.Equal("New Quay", await NameAsync());
        await AskAsync(app, HttpMethod.Delete, "/v3/directory/stores/1");
        Assert.Null(await NameAsync());

        Task<string?> NameAsync() => sql.RunAsync(s => s.Directory.Find(RunningApp.OrgId, DirectoryKind.Stores, [1]).GetValueOrDefault(1)?.Values[StoreFields.Name]);
    }

    private static async Task<(string Body, int Status)> PutAsync(RunningApp app, string kind, string body, string type = "application/json")
    {
        using var answer = await app.Http.PutAsync($"/v3/directory/{kind}", new StringContent(body, Encoding.UTF8, type), Cancel);
        return await ReadAsync(answer);
    }

    private static async Task<(string Body, int Status)> AskAsync(RunningApp app, HttpMethod method, string path)
    {
        using var answer = await app.Http.SendAsync(new HttpRequestMessage(method, path), Cancel);
        return await ReadAsync(answer);
    }

    /// <summary>The data of a good answer, the whole of a refusal.</summary>
    private static async Task<(string Body, int Status)> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        return (answer.IsSuccessStatusCode ? JsonDocument.Parse(text).RootElement.GetProperty("data").GetRawText() : text, (int)answer.StatusCode);
    }
}
