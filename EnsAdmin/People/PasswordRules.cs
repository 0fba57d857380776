using System.Collections.Frozen;
using System.Globalization;
using Microsoft.AspNetCore.Identity;
using EnsAdmin.Domain;

namespace EnsAdmin.People;

/// <summary>What a password has to be: long, and none of the commonest. What it is made of is nobody's business.</summary>
public sealed class PasswordRules : IPasswordValidator<EnsUser>
{
    public const int MinLength = 12, MaxLength = 128;

    private static readonly Lazy<FrozenSet<string>> Common = new(() =>
    {
        using var reader = new StreamReader(typeof(PasswordRules).Assembly.GetManifestResourceStream("common-passwords.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    });

    /// <summary>What is wrong with it, in a sentence; null where it will do.</summary>
    public static string? Mistake(string? password, string? email = null)
    {
        var length = new StringInfo(password ?? "").LengthInTextElements;
        if (length < MinLength) return $"Use at least {MinLength} characters; a few words that only you would put together do well.";
        if (password!.Length > MaxLength) return $"Use at most {MaxLength} characters.";
        if (Common.Value.Contains(password) || password.Distinct().Count() < 4) return "This is one of the first passwords that others would try. Choose another.";
        return email is { Length: > 0 } && (password.Contains(email, StringComparison.OrdinalIgnoreCase) || email.Contains(password, StringComparison.OrdinalIgnoreCase))
            ? "Choose one that does not contain the e-mail address." : null;
    }

    public Task<IdentityResult> ValidateAsync(UserManager<EnsUser> manager, EnsUser user, string? password) =>
        Task.FromResult(Mistake(password, user.Email) is { } mistake ? IdentityResult.Failed(new IdentityError { Code = nameof(PasswordRules), Description = mistake }) : IdentityResult.Success);
}
