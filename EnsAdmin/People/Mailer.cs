using System.Net.Sockets;
using EnsAdmin.Domain;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace EnsAdmin.People;

/// <summary>Sends invitations where a mail server is configured. Nothing depends on it: whoever invites sees the link as well.</summary>
public sealed partial class Mailer(IOptions<SmtpOptions> options, TimeProvider time, ILogger<Mailer> log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public bool IsOn => options.Value.IsOn;

    /// <returns>Null once the server has taken it; else what went wrong, in a sentence.</returns>
    public async Task<string?> InviteAsync(string email, string organization, Role role, string invitedBy, string link, CancellationToken cancel = default)
    {
        var mail = new MimeMessage { Subject = $"{invitedBy} invites you to {organization}", Date = time.GetUtcNow() };
        mail.From.Add(new MailboxAddress("EnsAdmin", options.Value.From!));
        mail.To.Add(new MailboxAddress("", email));
        mail.Body = new TextPart("plain")
        {
            Text = $"""
                Hello,

                {invitedBy} invites you to {organization} on EnsAdmin as {(role == Role.Admin ? "an admin" : "a viewer")}.
                To join, open this address. It works once, and for {Invitation.Lifetime.Days} days:

                {link}

                If you expected nothing like this, do nothing.
                """,
        };

        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            await SendAsync(mail, either.Token);
            return null;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Failed(new TimeoutException(), $"the mail server did not answer within {Patience.TotalSeconds:0} seconds");
        }
        catch (Exception e) when (Words(e) is { } words)
        {
            return Failed(e, words);
        }
    }

    private async Task SendAsync(MimeMessage mail, CancellationToken cancel)
    {
        var o = options.Value;
        using var client = new SmtpClient { CheckCertificateRevocation = false };
        await client.ConnectAsync(o.Host!, o.Port, o.Tls switch { SmtpTls.Tls => SecureSocketOptions.SslOnConnect, SmtpTls.StartTls => SecureSocketOptions.StartTls, _ => SecureSocketOptions.None }, cancel);
        if (!string.IsNullOrEmpty(o.User)) await client.AuthenticateAsync(o.User, SecretFile.Read(o.PasswordFile) ?? "", cancel);
        await client.SendAsync(mail, cancel);
        await client.DisconnectAsync(true, cancel);
    }

    private string Failed(Exception e, string words)
    {
        NotSent(words, e.GetType().Name);
        return words;
    }

    /// <summary>Null for what is a fault of ours.</summary>
    private string? Words(Exception e) => e switch
    {
        SslHandshakeException => "no safe connection to the mail server came about; its certificate may not be good",
        AuthenticationException => "the mail server did not accept Ens:Smtp:User and its password",
        SmtpCommandException { ErrorCode: SmtpErrorCode.RecipientNotAccepted } refused => $"the mail server does not take mail for this address ({(int)refused.StatusCode})",
        SmtpCommandException { ErrorCode: SmtpErrorCode.SenderNotAccepted } refused => $"the mail server does not take mail from Ens:Smtp:From ({(int)refused.StatusCode})",
        SmtpCommandException refused => $"the mail server refused it ({(int)refused.StatusCode})",
        NotSupportedException => "the mail server does not offer what Ens:Smtp asks for, such as TLS or a sign-in",
        SocketException or IOException or ProtocolException or ServiceNotConnectedException => $"the mail server {options.Value.Host}:{options.Value.Port} could not be reached",
        _ => null,
    };

    [LoggerMessage(LogLevel.Warning, "An invitation was not mailed: {Words} ({Error})")]
    private partial void NotSent(string words, string error);
}
