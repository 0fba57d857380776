using System.ComponentModel.DataAnnotations;
using EnsAdmin.Shared;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Network;

/// <summary>HTTPS by files: section <c>Ens:Https</c>.</summary>
public sealed class HttpsOptions
{
    public const string Section = "Ens:Https";

    /// <summary>A PEM file with the certificate, then those that lead to its root; or a PFX file with all of it.</summary>
    public string? Certificate { get; set; }

    /// <summary>The PEM file with the private key; not needed where the certificate's file has it.</summary>
    public string? Key { get; set; }

    /// <summary>A file whose first line is the password of the PFX or of the key.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>How many days browsers are told to come by HTTPS only; 0 tells them nothing.</summary>
    [Range(0, 3650)]
    public int HstsDays { get; set; } = 365;

    public CertificateFile? File() => string.IsNullOrEmpty(Certificate) ? null : new CertificateFile(Section, Certificate, Key, PasswordFile);
}

/// <summary>Asks for a certificate where one is needed, and looks at it.</summary>
internal sealed class HttpsRules(IConfiguration configuration) : IValidateOptions<HttpsOptions>
{
    public ValidateOptionsResult Validate(string? name, HttpsOptions options)
    {
        if (options.File() is { } file) return file.TryLoad(out _, out var wrong) ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
        if (!string.IsNullOrEmpty(options.Key) || !string.IsNullOrEmpty(options.PasswordFile)) return ValidateOptionsResult.Fail($"{HttpsOptions.Section}:Certificate: give the file of the certificate as well");
        return ListenAddresses.AnyHttps(configuration) && !configuration.GetSection("Kestrel:Certificates").Exists() && !configuration.GetSection("Kestrel:Endpoints").Exists()
            ? ValidateOptionsResult.Fail($"{HttpsOptions.Section}:Certificate: an address is HTTPS, so give the file of its certificate") : ValidateOptionsResult.Success;
    }
}
