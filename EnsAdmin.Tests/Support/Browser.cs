using Microsoft.Playwright;

namespace EnsAdmin.Tests.Support;

/// <summary>The machine's own Chromium, one for all tests of a class; each test opens a page of its own.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private IPlaywright? _playwright;
    private IBrowser? _chromium;

    /// <summary>Whether this is a run where nothing may be left out.</summary>
    public static bool MustRun => Environment.GetEnvironmentVariable("CI") == "true";

    public async ValueTask InitializeAsync()
    {
        if (Executable() is not { } path) return;
        _playwright = await Playwright.CreateAsync();
        _chromium = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
    }

    /// <summary>A fresh page, 1440 pixels wide, with cookies and storage of its own. Skips the test where there is no Chromium.</summary>
    public async Task<WatchedPage> OpenAsync()
    {
        const string missing = "No Chromium found: set CHROMIUM, or apt-get install chromium.";
        Assert.False(_chromium is null && MustRun, missing);
        Assert.SkipWhen(_chromium is null, missing);
        var context = await _chromium.NewContextAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 }, Locale = "en-GB" });
        context.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        return new WatchedPage(await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null) await _chromium.DisposeAsync();
        _playwright?.Dispose();
    }

    private static string? Executable()
    {
        var path = Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } set ? set : "/usr/bin/chromium";
        return File.Exists(path) ? path : null;
    }
}
