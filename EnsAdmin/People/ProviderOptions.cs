using System.ComponentModel;
using System.Net;
using Microsoft.Extensions.Options;

namespace EnsAdmin.People;

/// <summary>A provider of OpenID Connect that people sign in with: section <c>Ens:OpenIdConnect</c>.</summary>
public sealed class ProviderOptions
{
    public const string Section = "Ens:OpenIdConnect";

    /// <summary>The provider's address, below which its discovery document lies; without it there is no such sign-in.</summary>
    public string? Authority { get; set; }

    /// <summary>What the provider calls this installation.</summary>
    public string? ClientId { get; set; }

    /// <summary>None for a public client; PKCE is used either way.</summary>
    [PasswordPropertyText(true)]
    public string? ClientSecret { get; set; }

    /// <summary>A file whose first line is the secret.</summary>
    public string? ClientSecretFile { get; set; }

    /// <summary>What the button says after "Sign in with".</summary>
    public string DisplayName { get; set; } = "single sign-on";

    /// <summary>What the provider is asked to tell; <c>openid</c> and <c>email</c> are needed.</summary>
    public string Scopes { get; set; } = "openid profile email";

    /// <summary>The claim with the orgIds of a person's organizations.</summary>
    public string? OrganizationClaim { get; set; }

    /// <summary>The claim with the person's roles or groups.</summary>
    public string? RoleClaim { get; set; }

    /// <summary>What values of <see cref="RoleClaim"/> mean.</summary>
    [RoleMapping]
    public string? Mapping { get; set; }

    public bool IsOn => !string.IsNullOrEmpty(Authority);
}

/// <summary>Rules over several of the settings.</summary>
internal sealed class ProviderRules : IValidateOptions<ProviderOptions>
{
    public ValidateOptionsResult Validate(string? name, ProviderOptions o)
    {
        if (!o.IsOn) return ValidateOptionsResult.Success;
        var mistakes = new List<string>();
        if (!IsSafe(o.Authority!)) mistakes.Add($"{Key(nameof(o.Authority))} = \"{o.Authority}\": should be the provider's https address");
        if (string.IsNullOrWhiteSpace(o.ClientId)) mistakes.Add($"{Key(nameof(o.ClientId))}: should be what the provider calls this installation");
        if (!string.IsNullOrEmpty(o.ClientSecret) && !string.IsNullOrEmpty(o.ClientSecretFile)) mistakes.Add($"{Key(nameof(o.ClientSecret))} and {Key(nameof(o.ClientSecretFile))}: give one of them");
        if (!string.IsNullOrEmpty(o.ClientSecretFile) && SecretFile.Read(o.ClientSecretFile) is null) mistakes.Add($"{Key(nameof(o.ClientSecretFile))} = \"{o.ClientSecretFile}\": should be a file that can be read and whose first line is the secret");
        var scopes = o.Scopes.Split(' ');
        if (!scopes.Contains("openid") || !scopes.Contains("email")) mistakes.Add($"{Key(nameof(o.Scopes))} = \"{o.Scopes}\": should have openid and email");
        if (string.IsNullOrEmpty(o.RoleClaim)) mistakes.Add($"{Key(nameof(o.RoleClaim))}: should be the claim that says a person's role; without it nobody would be let in");
        return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
    }

    /// <summary>Whether nobody on the way can answer in the provider's place.</summary>
    private static bool IsSafe(string authority) => Uri.TryCreate(authority, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp && (uri.Host == "localhost" || IPAddress.TryParse(uri.Host, out var ip) && IPAddress.IsLoopback(ip)));

    private static string Key(string name) => $"{ProviderOptions.Section}:{name}";
}
