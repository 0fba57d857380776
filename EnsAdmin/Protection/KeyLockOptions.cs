using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using EnsAdmin.Shared;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Protection;

/// <summary>What the key files are sealed with: a certificate or a passphrase.</summary>
public class KeyLockOptions
{
    public const int MinPassphrase = 16;

    /// <summary>As <c>Ens:Https:Certificate</c>; with an RSA key.</summary>
    public string? Certificate { get; set; }

    public string? Key { get; set; }

    public string? PasswordFile { get; set; }

    /// <summary>A file whose first line is the passphrase.</summary>
    public string? PassphraseFile { get; set; }

    /// <summary>The passphrase itself, for an environment variable.</summary>
    [PasswordPropertyText(true)]
    [MinLength(MinPassphrase, ErrorMessage = "should have 16 characters or more")]
    public string? Passphrase { get; set; }

    /// <param name="section">Where this was read from.</param>
    /// <param name="seal">Null where nothing is to be sealed.</param>
    /// <param name="wrong">Which setting cannot be used, and why; null where all is well.</param>
    internal bool TryMake(string section, out KeySeal? seal, out string? wrong)
    {
        (seal, wrong) = (null, null);
        var ways = new[] { Certificate, PassphraseFile, Passphrase }.Count(w => !string.IsNullOrEmpty(w));
        if (ways > 1) wrong = $"{section}: give one of Certificate, PassphraseFile and Passphrase";
        else if (!string.IsNullOrEmpty(Certificate))
        {
            if (!new CertificateFile(section, Certificate, Key, PasswordFile).TryLoad(out var loaded, out wrong)) return false;
            if (KeySeal.Of(loaded[0]) is { } made) seal = made;
            else wrong = $"{section}:Certificate = \"{Certificate}\": should have an RSA key";
        }
        else if (!string.IsNullOrEmpty(PassphraseFile))
        {
            var phrase = FirstLine(PassphraseFile);
            if (phrase is null) wrong = $"{section}:PassphraseFile = \"{PassphraseFile}\": cannot be read";
            else if (phrase.Length < MinPassphrase) wrong = $"{section}:PassphraseFile = \"{PassphraseFile}\": its first line should have {MinPassphrase} characters or more";
            else seal = KeySeal.Of(phrase);
        }
        else if (!string.IsNullOrEmpty(Passphrase)) seal = KeySeal.Of(Passphrase);

        return wrong is null;
    }

    private static string? FirstLine(string file)
    {
        try
        {
            return File.ReadLines(file).FirstOrDefault() ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>What new key files are sealed with: section <c>Ens:DataProtection</c>.</summary>
public sealed class ProtectionOptions : KeyLockOptions
{
    public const string Section = "Ens:DataProtection";
}

/// <summary>What they were sealed with before, for the one start that changes it: section <c>Ens:DataProtection:Former</c>.</summary>
public sealed class FormerProtectionOptions : KeyLockOptions
{
    public const string Section = "Ens:DataProtection:Former";
}

internal sealed class ProtectionRules : IValidateOptions<ProtectionOptions>, IValidateOptions<FormerProtectionOptions>
{
    public ValidateOptionsResult Validate(string? name, ProtectionOptions options) => Validate(options, ProtectionOptions.Section);

    public ValidateOptionsResult Validate(string? name, FormerProtectionOptions options) => Validate(options, FormerProtectionOptions.Section);

    private static ValidateOptionsResult Validate(KeyLockOptions options, string section) => options.TryMake(section, out _, out var wrong) ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong!);
}
