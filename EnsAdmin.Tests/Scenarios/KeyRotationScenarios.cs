using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.People;
using EnsAdmin.Protection;
using EnsAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>Secrets stay readable for the program, and for nobody else, while the keys that they are encrypted under change.</summary>
public sealed class KeyRotationScenarios : IDisposable
{
    private const string Secret = "Bearer a-secret-of-the-receiver";
    private readonly string _data = Directory.CreateTempSubdirectory("ens-keys-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Keys => Path.Combine(_data, "keys");

    [Fact]
    public async Task After_a_rotation_the_old_key_and_all_that_was_under_it_are_gone_and_deliveries_go_on()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start(dataDirectory: _data);
        var webhook = await WebhookAsync(app, receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-1"));
        await receiver.ReceivedAsync(1);
        var (before, keys) = (await StoredAsync(app), KeyFiles());
        var app2 = await SecondFactorAsync(app);

        Assert.Equal(before.Count + app2.Count, await app.Services.GetRequiredService<KeyRotation>().RunAsync());

        var after = await StoredAsync(app);
        Assert.Empty(before.Intersect(after));
        Assert.Empty(keys.Intersect(KeyFiles()));
        Assert.Single(KeyFiles());
        foreach (var old in before.Concat(app2)) Assert.False(await IsOnDiskAsync(old), "an old ciphertext is on the disk");
        await app.PublishAcceptedAsync(Some.Event("e-2"));
        var calls = await receiver.ReceivedAsync(2);
        Assert.All(calls, c => Assert.Equal(Secret, c.Headers["Authorization"]));
        Assert.NotNull(webhook);
    }

    [Fact]
    public async Task The_command_line_rotates_while_the_server_delivers()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = RunningApp.Start(dataDirectory: _data);
        await WebhookAsync(app, receiver.Url);
        await app.PublishAcceptedAsync(Some.Event("e-0"));
        await receiver.ReceivedAsync(1);

        var rotation = ProgramRun.ToTheEndAsync(["protect", "rotate", $"--Ens:DataDirectory={_data}"]);
        var published = 1;
        while (!rotation.IsCompleted)
        {
            await app.PublishAcceptedAsync(Some.Event($"e-{published++}"));
            await receiver.ReceivedAsync(published);
            await app.CreateWebhookAsync("https://example.com/hooks", name: $"added-{published}", events: "customerAdded");
        }

        Assert.Equal((0, ""), ((await rotation).ExitCode, (await rotation).Errors));
        Assert.Single(KeyFiles());
        await app.PublishAcceptedAsync(Some.Event("e-last"));
        Assert.All(await receiver.ReceivedAsync(published + 1), c => Assert.Equal(Secret, c.Headers["Authorization"]));
    }

    [Fact]
    public async Task A_rotation_that_was_broken_off_is_ended_by_the_next_start()
    {
        await using var receiver = await Receiver.StartAsync();
        IReadOnlyList<string> before;
        await using (var app = RunningApp.Start(dataDirectory: _data))
        {
            await WebhookAsync(app, receiver.Url);
            before = await StoredAsync(app);
            // As it stands when the program dies just after the new key was made.
            var ring = app.Services.GetRequiredService<KeyRing>();
            var key = ring.CreateNewKey(TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddDays(90));
            await File.WriteAllTextAsync(Path.Combine(Keys, "rotation"), key.KeyId.ToString(), Cancel);
        }

        Assert.Equal(2, KeyFiles().Count);
        await using var again = RunningApp.Start(dataDirectory: _data);
        Assert.Single(KeyFiles());
        Assert.False(File.Exists(Path.Combine(Keys, "rotation")));
        Assert.Empty(before.Intersect(await StoredAsync(again)));
        await again.PublishAcceptedAsync(Some.Event("e-1"));
        Assert.Equal(Secret, (await receiver.ReceivedAsync(1))[0].Headers["Authorization"]);
    }

    [Fact]
    public async Task Keys_are_sealed_opened_and_sealed_otherwise_by_the_next_start()
    {
        await using var receiver = await Receiver.StartAsync();
        IReadOnlyList<string> files;
        await using (var app = RunningApp.Start(dataDirectory: _data))
        {
            await WebhookAsync(app, receiver.Url);
            files = KeyFiles();
            Assert.Contains("masterKey", await File.ReadAllTextAsync(files[0], Cancel), StringComparison.Ordinal);
        }

        files = await StartAsync("e-1", files, ("Ens:DataProtection:Passphrase", "correct horse battery"));
        Assert.DoesNotContain("masterKey", await File.ReadAllTextAsync(files[0], Cancel), StringComparison.Ordinal);
        // The second start finds everything as it should be.
        await using (var app = RunningApp.Start(dataDirectory: _data, settings: ("Ens:DataProtection:Passphrase", "correct horse battery"))) Assert.Equal(files, KeyFiles());

        var file = Path.Combine(_data, "passphrase");
        await File.WriteAllTextAsync(file, "another horse battery\n", Cancel);
        files = await StartAsync("e-2", files, ("Ens:DataProtection:PassphraseFile", file), ("Ens:DataProtection:Former:Passphrase", "correct horse battery"));
        var certificate = Path.Combine(_data, "keys.pem");
        using (var key = RSA.Create(2048))
        using (var made = new CertificateRequest("CN=keys", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90)))
            await File.WriteAllTextAsync(certificate, made.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem(), Cancel);
        files = await StartAsync("e-3", files, ("Ens:DataProtection:Certificate", certificate), ("Ens:DataProtection:Former:PassphraseFile", file));
        Assert.DoesNotContain("masterKey", await File.ReadAllTextAsync(files[0], Cancel), StringComparison.Ordinal);
        files = await StartAsync("e-4", files, ("Ens:DataProtection:Former:Certificate", certificate));
        Assert.Contains("masterKey", await File.ReadAllTextAsync(files[0], Cancel), StringComparison.Ordinal);
        Assert.All(await receiver.ReceivedAsync(4), c => Assert.Equal(Secret, c.Headers["Authorization"]));

        async Task<IReadOnlyList<string>> StartAsync(string eventId, IReadOnlyList<string> before, params (string, string)[] settings)
        {
            await using var app = RunningApp.Start(dataDirectory: _data, settings: settings);
            Assert.Empty(before.Intersect(KeyFiles()));
            Assert.Single(KeyFiles());
            await app.PublishAcceptedAsync(Some.Event(eventId));
            await receiver.WhenAsync(() => receiver.Calls.Any(c => c.EventId == eventId), eventId);
            return KeyFiles();
        }
    }

    [Fact]
    public async Task Where_the_keys_are_gone_it_is_said_and_the_values_have_to_be_given_anew()
    {
        await using var receiver = await Receiver.StartAsync();
        await using (var app = RunningApp.Start(dataDirectory: _data)) await WebhookAsync(app, receiver.Url);
        Directory.Delete(Keys, recursive: true);

        await using var again = RunningApp.Start(dataDirectory: _data);
        var webhook = (await again.Http.GetFromJsonAsync<JsonElement>("/v3/webHooks", Cancel)).GetProperty("data")[0].GetProperty("webHookId").GetString()!;
        await again.PublishAcceptedAsync(Some.Event("e-1"));
        var held = await again.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled);
        Assert.Equal("Not sent: the values of the webhook's headers cannot be read, since their keys are gone; give them anew", held.Attempts[^1].Reason);
        using (var kept = await PutAsync(again, webhook, receiver.Url, null))
        {
            Assert.Equal(400, (int)kept.StatusCode);
            Assert.Contains("The stored value cannot be read any more; give it anew.", await kept.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        using (var given = await PutAsync(again, webhook, receiver.Url, Secret)) Assert.Equal(200, (int)given.StatusCode);
        await again.PublishAcceptedAsync(Some.Event("e-2"));
        Assert.Equal(Secret, (await receiver.ReceivedAsync(1))[0].Headers["Authorization"]);
    }

    [Fact]
    public async Task A_start_says_what_no_key_opens()
    {
        await using (var app = RunningApp.Start(dataDirectory: _data)) await WebhookAsync(app, "https://example.com/hooks");
        Directory.Delete(Keys, recursive: true);

        await using var run = await ProgramRun.UpAsync("--urls=http://127.0.0.1:0", $"--Ens:DataDirectory={_data}");
        await run.KillAsync();

        Assert.Contains($"1 secrets in WebhookHeaders cannot be read: their keys are not in {Keys}.", string.Join('\n', run.Before), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_passphrase_stops_the_start_and_makes_no_new_key()
    {
        await using (var app = RunningApp.Start(dataDirectory: _data, settings: ("Ens:DataProtection:Passphrase", "correct horse battery"))) await WebhookAsync(app, "https://example.com/hooks");
        var files = KeyFiles();

        foreach (var args in new[] { new[] { "--urls=http://127.0.0.1:0", $"--Ens:DataDirectory={_data}" }, ["org", "list", $"--Ens:DataDirectory={_data}"] })
        {
            var (exitCode, _, errors) = await ProgramRun.ToTheEndAsync(args, ("Ens__DataProtection__Passphrase", "a wrong passphrase"));
            Assert.Equal(1, exitCode);
            Assert.Contains("cannot be opened with the settings. Give what it was sealed with as Ens:DataProtection", errors, StringComparison.Ordinal);
            Assert.DoesNotContain("a wrong passphrase", errors, StringComparison.Ordinal);
        }
        Assert.Equal(files, KeyFiles());
    }

    [Theory]
    [InlineData("Ens__DataProtection__Passphrase", "short", "Ens:DataProtection:Passphrase = \"••••••\": should have 16 characters or more")]
    [InlineData("Ens__DataProtection__Pasphrase", "correct horse battery", "Ens:DataProtection:Pasphrase = \"••••••\": no such setting; did you mean Ens:DataProtection:Passphrase?")]
    [InlineData("Ens__DataProtection__PassphraseFile", "/nowhere", "Ens:DataProtection:PassphraseFile = \"/nowhere\": cannot be read")]
    [InlineData("Ens__DataProtection__Certificate", "/nowhere", "Ens:DataProtection:Certificate = \"/nowhere\": cannot be read")]
    public async Task A_wrong_setting_is_named_and_no_passphrase_is_shown(string key, string value, string said)
    {
        var (exitCode, _, errors) = await ProgramRun.ToTheEndAsync(["--urls=http://127.0.0.1:0"], (key, value));
        Assert.Equal((1, said), (exitCode, errors.TrimEnd().Split('\n')[^1].Trim()));
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private static async Task<string> WebhookAsync(RunningApp app, string url)
    {
        using var answer = await app.Http.PostAsJsonAsync("/v3/webHooks", new { name = "orders", webHookUrl = url, maxAllowedConnections = 5, eventNames = new[] { Some.EventName }, webHookHeaders = new { Authorization = Secret } }, Cancel);
        Assert.Equal(201, (int)answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Cancel);
    }

    private static Task<HttpResponseMessage> PutAsync(RunningApp app, string webhook, string url, string? value) =>
        app.Http.PutAsJsonAsync($"/v3/webHooks/{webhook}", new { name = "orders", webHookUrl = url, maxAllowedConnections = 5, eventNames = new[] { Some.EventName }, webHookHeaders = new { Authorization = value } }, Cancel);

    private static async Task<IReadOnlyList<string>> StoredAsync(RunningApp app)
    {
        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        return [.. (await db.Webhooks.AsNoTracking().ToListAsync(Cancel)).SelectMany(w => w.Headers).Select(h => h.ProtectedValue)];
    }

    /// <summary>Gives somebody an authenticator app and recovery codes.</summary>
    /// <returns>What is stored of them.</returns>
    private static async Task<IReadOnlyList<string>> SecondFactorAsync(RunningApp app)
    {
        var user = (await app.Services.GetRequiredService<Accounts>().FindAsync(await app.AddUserAsync(Role.Admin)))!;
        await using var scope = app.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<EnsUserManager>();
        var found = (await users.FindByIdAsync(user.Id))!;
        await users.ResetAuthenticatorKeyAsync(found);
        await users.GenerateNewTwoFactorRecoveryCodesAsync(found, 10);
        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        return await db.UserTokens.Select(t => t.Value!).ToListAsync(Cancel);
    }

    private List<string> KeyFiles() => [.. Directory.GetFiles(Keys, "key-*.xml").Order(StringComparer.Ordinal)];

    private async Task<bool> IsOnDiskAsync(string text)
    {
        foreach (var file in Directory.GetFiles(_data, "ens.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, Cancel);
            if (copy.GetBuffer().AsSpan(0, (int)copy.Length).IndexOf(Encoding.UTF8.GetBytes(text)) >= 0) return true;
        }

        return false;
    }
}
