using EnsAdmin.Access;
using EnsAdmin.Domain;
using Microsoft.Extensions.Options;

namespace EnsAdmin.People;

/// <summary>The first operator and the first organization, for a start that nobody watches: section <c>Ens:Bootstrap</c>. Read only while there is no account.</summary>
public sealed class BootstrapOptions
{
    public const string Section = "Ens:Bootstrap";

    /// <summary>The operator's address; without it nothing is done.</summary>
    public string? Email { get; set; }

    /// <summary>A file whose first line is the password.</summary>
    public string? PasswordFile { get; set; }

    public int? OrgId { get; set; }

    public string? OrgName { get; set; }

    public string TimeZone { get; set; } = "UTC";
}

/// <summary>Does what the setup page does, from the settings.</summary>
public sealed class Bootstrap(IOptions<BootstrapOptions> options, Setup setup)
{
    /// <returns>What is wrong with the settings; empty where it is done, or nothing is to be done.</returns>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        var given = options.Value;
        if (string.IsNullOrEmpty(given.Email) || !await setup.IsNeededAsync()) return [];
        if (given.OrgId is null) return [Key(nameof(given.OrgId)) + ": give the number of the first organization."];
        if (SecretFile.Read(given.PasswordFile) is not { } password) return [Key(nameof(given.PasswordFile)) + $" = \"{given.PasswordFile}\": give a file that can be read and whose first line is the operator's password."];
        var errors = await setup.AddAsync(new SetupInput
        {
            Email = given.Email, Name = given.Email.Split('@')[0], Password = password,
            OrgId = FormattableString.Invariant($"{given.OrgId}"), OrgName = given.OrgName ?? $"Organization {given.OrgId}", TimeZone = given.TimeZone,
        }, new Actor("settings"));
        return [.. errors.Select(e => $"{Key(e.Field == "Password" ? nameof(given.PasswordFile) : e.Field)}: {e.Message}")];
    }

    private static string Key(string name) => $"{BootstrapOptions.Section}:{char.ToUpperInvariant(name[0])}{name[1..]}";
}
