using System.Net;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>The one published file, copied alone into an empty directory, is the whole program.</summary>
public sealed class SingleFileTests(PublishedProgram program, Browser browser) : IClassFixture<PublishedProgram>, IClassFixture<Browser>
{
    [Fact]
    public async Task The_page_comes_alive_and_asks_only_this_program_for_what_it_needs()
    {
        var run = program.Run;
        await using var page = await browser.OpenAsync();

        await page.SignInAsync(run.Url, program.Operator);

        Assert.Empty(page.Troubles);
        Assert.All(page.Requests, request => Assert.True(request.StartsWith(run.Url, StringComparison.Ordinal) || request.StartsWith("data:", StringComparison.Ordinal), request));
        Assert.Contains(page.Requests, request => request.Contains("/_framework/blazor.web.", StringComparison.Ordinal));
        Assert.Contains(page.Requests, request => request.Contains("/MudBlazor.min.css", StringComparison.Ordinal));
        Assert.Contains(page.Requests, request => request.Contains("/MudBlazor.min.js", StringComparison.Ordinal));
        Assert.Contains(page.Requests, request => request.Contains("/app.", StringComparison.Ordinal) && request.Contains(".css", StringComparison.Ordinal));
        Assert.Contains(page.Requests, request => request.Contains(".woff2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_whole_story_of_a_brand_admin_can_be_lived_in_it()
    {
        await using var page = await browser.OpenAsync();
        await page.SignInAsync(program.Run.Url, program.Operator);
        await using var receiver = await Receiver.StartAsync();

        await AdminStory.LiveAsync(page, program.Run.Url, program.Key, receiver);

        Assert.Empty(page.Troubles);
    }

    [Theory]
    [InlineData("_content/MudBlazor/MudBlazor.min.css")]
    [InlineData("_content/MudBlazor/MudBlazor.min.js")]
    public async Task Assets_come_compressed_and_can_be_kept(string asset)
    {
        using var http = new HttpClient { BaseAddress = new Uri(program.Run.Url) };
        http.DefaultRequestHeaders.AcceptEncoding.ParseAdd("br, gzip");

        using var first = await http.GetAsync(asset, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.NotEmpty(first.Content.Headers.ContentEncoding);

        http.DefaultRequestHeaders.IfNoneMatch.Add(first.Headers.ETag!);
        using var again = await http.GetAsync(asset, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Fact]
    public async Task The_database_works_with_the_library_inside()
    {
        using var http = new HttpClient { BaseAddress = new Uri(program.Run.Url) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", program.Key);
        using var answer = await http.GetAsync("/v3/webHooks", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public void Nothing_appears_beside_it_but_the_data_directory()
    {
        var beside = Directory.GetFileSystemEntries(program.Run.Directory).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(["EnsAdmin", "ens-data"], beside);
    }
}
