using EnsAdmin.Domain;
using EnsAdmin.People;
using EnsAdmin.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Tests.People;

public sealed class MailerTests
{
    private const string Link = "http://localhost:5080/invitation?token=abc";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_invitation_arrives_with_its_link_after_a_sign_in()
    {
        await using var server = new MailServer { Credentials = "\0ens\0a password" };
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "a password\n", Cancel);

        Assert.Null(await InviteAsync(new() { Host = "127.0.0.1", Port = server.Port, Tls = SmtpTls.None, User = "ens", PasswordFile = file, From = "ens@example.com" }));

        var (to, text) = Assert.Single(server.Mails);
        Assert.Contains("sam@example.com", to, StringComparison.Ordinal);
        Assert.Contains("From: EnsAdmin <ens@example.com>", text, StringComparison.Ordinal);
        Assert.Contains("Subject: Jo Rivera invites you to Harbour Coffee", text, StringComparison.Ordinal);
        Assert.Contains(Link, text.Replace("=\r\n", "", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_went_wrong_is_said_in_words()
    {
        await using var server = new MailServer { Credentials = "\0ens\0right", Unknown = "sam@" };
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "wrong", Cancel);
        var options = new SmtpOptions { Host = "127.0.0.1", Port = server.Port, Tls = SmtpTls.None, From = "ens@example.com" };
        Assert.Contains("does not take mail for this address (550)", await InviteAsync(options), StringComparison.Ordinal);
        (options.User, options.PasswordFile) = ("ens", file);
        Assert.Contains("did not accept Ens:Smtp:User", await InviteAsync(options), StringComparison.Ordinal);
        options.Tls = SmtpTls.StartTls;
        Assert.Contains("does not offer what Ens:Smtp asks for", await InviteAsync(options), StringComparison.Ordinal);
        options.Tls = SmtpTls.Tls;
        Assert.Contains("no safe connection", await InviteAsync(options), StringComparison.Ordinal);
        await server.DisposeAsync();
        options.Tls = SmtpTls.None;
        Assert.Contains("could not be reached", await InviteAsync(options), StringComparison.Ordinal);
        Assert.Empty(server.Mails);
    }

    [Fact]
    public async Task A_name_cannot_add_a_line_to_the_head()
    {
        await using var server = new MailServer();
        Assert.Null(await Mailer(new() { Host = "127.0.0.1", Port = server.Port, Tls = SmtpTls.None, From = "ens@example.com" }).InviteAsync("sam@example.com", "Harbour\r\nBcc: all@example.com", Role.Viewer, "Jo", Link, Cancel));
        Assert.DoesNotContain("\nBcc: all@example.com", Assert.Single(server.Mails).Text.ReplaceLineEndings("\n").Split("\n\n")[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mail.example.com", "None", "ens", "clear")]
    [InlineData("mail.example.com", "StartTls", "ens", "first line")]
    [InlineData("127.0.0.1", "None", null, null)]
    public void Settings_that_would_tell_the_password_or_lack_one_are_refused(string host, string tls, string? user, string? words)
    {
        var options = new SmtpOptions { Host = host, Tls = Enum.Parse<SmtpTls>(tls), User = user, PasswordFile = user is null ? null : "/nowhere", From = "ens@example.com" };
        var result = new SmtpRules().Validate(null, options);
        Assert.Equal(words is null, result.Succeeded);
        if (words is not null) Assert.Contains(words, result.FailureMessage, StringComparison.Ordinal);
    }

    private static Task<string?> InviteAsync(SmtpOptions options) => Mailer(options).InviteAsync("sam@example.com", "Harbour Coffee", Role.Admin, "Jo Rivera", Link, Cancel);

    private static Mailer Mailer(SmtpOptions options) => new(Options.Create(options), TimeProvider.System, NullLogger<Mailer>.Instance);
}
