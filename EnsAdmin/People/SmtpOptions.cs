using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace EnsAdmin.People;

/// <summary>How a mail server is spoken to.</summary>
public enum SmtpTls
{
    /// <summary>In the clear first, then by TLS or not at all.</summary>
    StartTls,
    /// <summary>By TLS from the start, usually on port 465.</summary>
    Tls,
    /// <summary>In the clear.</summary>
    None,
}

/// <summary>The mail server that invitations go out by: section <c>Ens:Smtp</c>.</summary>
public sealed class SmtpOptions
{
    public const string Section = "Ens:Smtp";

    /// <summary>Without it no mail is sent.</summary>
    public string? Host { get; set; }

    [Range(1, 65_535)]
    public int Port { get; set; } = 587;

    public SmtpTls Tls { get; set; } = SmtpTls.StartTls;

    /// <summary>Without it the server is asked for no sign-in.</summary>
    public string? User { get; set; }

    /// <summary>A file whose first line is the user's password.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>The sender's address.</summary>
    public string? From { get; set; }

    public bool IsOn => !string.IsNullOrEmpty(Host);
}

/// <summary>Rules over several of the settings.</summary>
internal sealed class SmtpRules : IValidateOptions<SmtpOptions>
{
    public ValidateOptionsResult Validate(string? name, SmtpOptions o)
    {
        if (!o.IsOn) return ValidateOptionsResult.Success;
        var mistakes = new List<string>();
        if (Accounts.EmailMistake(o.From) is not null) mistakes.Add($"{Key(nameof(o.From))}: should be the address that mails come from, as ens@example.com");
        if (string.IsNullOrEmpty(o.User) != string.IsNullOrEmpty(o.PasswordFile)) mistakes.Add($"{Key(nameof(o.User))} and {Key(nameof(o.PasswordFile))}: give both, or neither");
        else if (!string.IsNullOrEmpty(o.PasswordFile) && SecretFile.Read(o.PasswordFile) is null) mistakes.Add($"{Key(nameof(o.PasswordFile))} = \"{o.PasswordFile}\": should be a file that can be read and whose first line is the password");
        if (!string.IsNullOrEmpty(o.User) && o.Tls == SmtpTls.None && !IsLoopback(o.Host!)) mistakes.Add($"{Key(nameof(o.Tls))} = None: would send the password in the clear; use StartTls or Tls");
        return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
    }

    private static bool IsLoopback(string host) => host == "localhost" || IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip);

    private static string Key(string name) => $"{SmtpOptions.Section}:{name}";
}
