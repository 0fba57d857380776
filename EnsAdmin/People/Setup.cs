using System.Globalization;
using System.Security.Cryptography;
using EnsAdmin.Access;
using EnsAdmin.Domain;

namespace EnsAdmin.People;

/// <summary>What the first start asks for.</summary>
public sealed class SetupInput
{
    public string Email { get; set; } = "";
    public string Name { get; set; } = "";
    public string Password { get; set; } = "";
    /// <summary>As it was typed: what is no number comes back to whoever typed it.</summary>
    public string OrgId { get; set; } = "";
    public string OrgName { get; set; } = "";
    /// <summary>IANA id.</summary>
    public string TimeZone { get; set; } = "UTC";
}

/// <summary>
/// Lets whoever starts the program, and sees its console, make the first operator and the first organization: by a one-time link, good for an hour, new at each
/// start, and only as long as there is no account.
/// </summary>
public sealed class Setup(Accounts accounts, OrganizationStore organizations, TimeProvider time) : IDisposable
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _one = new(1);
    private byte[]? _tokenHash;
    private DateTimeOffset _until;

    /// <summary>Whether nobody has an account yet.</summary>
    public async Task<bool> IsNeededAsync() => !await accounts.AnyAsync();

    /// <summary>Makes the token of this start; a former one is good no more.</summary>
    public string Open()
    {
        var token = OneTimeToken.New();
        (_tokenHash, _until) = (OneTimeToken.Hash(token), time.GetUtcNow() + Lifetime);
        return token;
    }

    /// <summary>Whether the link is good now.</summary>
    public async Task<bool> IsGoodAsync(string? token) =>
        _tokenHash is { } hash && CryptographicOperations.FixedTimeEquals(hash, OneTimeToken.Hash(token)) && time.GetUtcNow() < _until && await IsNeededAsync();

    /// <summary>Adds the organization and the operator, for who has the link.</summary>
    /// <returns>What is wrong; empty when both are there.</returns>
    public async Task<IReadOnlyList<AccessError>> RunAsync(string? token, SetupInput input, string? remoteAddress)
    {
        await _one.WaitAsync();
        try
        {
            if (!await IsGoodAsync(token)) return [new("Token", "This address is good no more.")];
            var errors = await AddAsync(input, new Actor("setup", RemoteAddress: remoteAddress));
            if (errors.Count == 0) _tokenHash = null;
            return errors;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The same without a link, for settings and the demo, which whoever starts the program has given.</summary>
    public async Task<IReadOnlyList<AccessError>> AddAsync(SetupInput input, Actor by)
    {
        // What a form leaves out is null.
        var account = new NewAccount(input.Email ?? "", input.Name ?? "", input.Password ?? "", IsOperator: true);
        var (orgId, name, zone) = (OrgIdOf(input), input.OrgName ?? "", input.TimeZone ?? "");
        var errors = Accounts.Check(account);
        errors.AddRange(OrganizationStore.Check(orgId, name, zone).Select(e => e.Field == "name" ? e with { Field = nameof(input.OrgName) } : e)); // The person has a name too.
        if (errors.Count > 0) return errors;
        // The organization may be there from an installation that had no accounts yet.
        errors.AddRange(organizations.Has(orgId) ? await organizations.ChangeAsync(orgId, name, zone, by) : await organizations.AddAsync(orgId, name, zone, by));
        return errors.Count > 0 ? errors : await accounts.AddAsync(account, by);
    }

    /// <summary>0 where it is no number.</summary>
    public static int OrgIdOf(SetupInput input) => int.TryParse(input.OrgId, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var orgId) ? orgId : 0;

    public void Dispose() => _one.Dispose();
}
