using System.CommandLine;
using System.Globalization;
using EnsAdmin.Access;
using EnsAdmin.Domain;

namespace EnsAdmin.Hosting;

/// <summary><c>key add|revoke|list</c>.</summary>
internal static class KeyCommands
{
    public static Command Create()
    {
        var org = new Option<int>("--org") { Description = "The organization's number.", HelpName = "orgId", Required = true };
        var anyOrg = new Option<int?>("--org") { Description = "Of this organization alone.", HelpName = "orgId" };
        var name = new Option<string>("--name") { Description = "What it is for.", HelpName = "text", DefaultValueFactory = _ => "command line" };
        var scopes = new Option<string>("--scopes") { Description = $"What it may do, separated by commas: {string.Join(", ", Scopes.All)}.", HelpName = "a,b", Required = true };
        var expires = new Option<string>("--expires") { Description = "Until when it is good, such as 2027-01-31 or 2027-01-31T12:00:00Z.", HelpName = "date" };
        var networks = new Option<string>("--networks") { Description = "Where it may be used from, in CIDR form, separated by commas.", HelpName = "networks" };
        var id = new Argument<string>("id") { Description = $"The key's id, which starts with {ApiKey.IdStart}." };
        var json = new Option<bool>("--json") { Description = "As JSON." };
        return new Command("key", "Look after API keys, also while the server runs.")
        {
            new AdminCommand("add", "Add a key, and print it alone. It is told only now.", call => (services, output, error) =>
                AddAsync(services, output, error, call.GetValue(org), call.GetValue(name)!, call.GetValue(scopes)!, call.GetValue(expires), call.GetValue(networks))) { org, name, scopes, expires, networks },
            new AdminCommand("revoke", "Revoke a key. A running server refuses it within a second.", call => (services, _, error) => RevokeAsync(services, error, call.GetValue(id)!)) { id },
            new AdminCommand("list", "List the keys, never their secrets.", call => (services, output, _) => ListAsync(services, output, call.GetValue(json), call.GetValue(anyOrg))) { anyOrg, json },
        };
    }

    private static async Task<int> AddAsync(IServiceProvider services, TextWriter output, TextWriter error, int orgId, string name, string scopes, string? expires, string? networks)
    {
        DateTimeOffset? expiresAt = null;
        if (expires is not null)
        {
            if (!DateTimeOffset.TryParse(expires, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)) return await AdminCommand.AnswerAsync(error, [new("expires", $"'{expires}' is no date; give one such as 2027-01-31 or 2027-01-31T12:00:00Z.")]);
            expiresAt = at;
        }

        var key = new NewKey { Name = name, Scopes = scopes.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), ExpiresAt = expiresAt, AllowedNetworks = networks ?? "" };
        var result = await services.GetRequiredService<KeyStore>().AddAsync(orgId, key, AdminCommand.Actor);
        if (result is AddKeyResult.Invalid invalid) return await AdminCommand.AnswerAsync(error, invalid.Errors);
        await output.WriteLineAsync(((AddKeyResult.Added)result).Whole);
        return 0;
    }

    private static async Task<int> RevokeAsync(IServiceProvider services, TextWriter error, string id)
    {
        if (services.GetRequiredService<AccessTable>().TryFindKey(id, out var key) && await services.GetRequiredService<KeyStore>().RevokeAsync(key.Caller.OrgId, id, AdminCommand.Actor)) return 0;
        return await AdminCommand.AnswerAsync(error, [new("id", $"There is no key {id}, or it was revoked before.")]);
    }

    private static async Task<int> ListAsync(IServiceProvider services, TextWriter output, bool json, int? orgId)
    {
        var rows = new List<ApiKey>();
        foreach (var organization in await services.GetRequiredService<OrganizationStore>().AllAsync())
            if (orgId is null || orgId == organization.OrgId) rows.AddRange(await services.GetRequiredService<KeyStore>().AllAsync(organization.OrgId));
        return await AdminCommand.ListAsync(output, json, [.. rows.Select(k => new { k.Id, k.OrgId, k.Name, k.Scopes, k.CreatedAt, k.CreatedBy, k.LastUsedAt, k.ExpiresAt, k.AllowedNetworks, k.RevokedAt })],
            ("ID", k => k.Id), ("ORGID", k => $"{k.OrgId}"), ("NAME", k => k.Name), ("SCOPES", k => string.Join(',', k.Scopes)), ("LAST USED", k => Date(k.LastUsedAt)),
            ("EXPIRES", k => Date(k.ExpiresAt)), ("REVOKED", k => Date(k.RevokedAt)));
    }

    private static string? Date(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
