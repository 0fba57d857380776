using System.CommandLine;
using EnsAdmin.Access;
using EnsAdmin.Domain;
using EnsAdmin.People;

namespace EnsAdmin.Hosting;

/// <summary><c>user add|reset|list</c>.</summary>
internal static class UserCommands
{
    private const string PasswordWords = "A file whose first line is the password; without it, it is asked for, or read from standard input.";

    public static Command Create()
    {
        var email = new Argument<string>("email") { Description = "The person's e-mail address." };
        var name = new Option<string?>("--name") { Description = "The person's name.", HelpName = "text" };
        var file = new Option<string?>("--password-file") { Description = PasswordWords, HelpName = "path" };
        var isOperator = new Option<bool>("--operator") { Description = "Keeps the installation: every organization, and everybody in it." };
        var org = new Option<int?>("--org") { Description = "The organization that the person is a member of.", HelpName = "orgId" };
        var admin = new Option<bool>("--admin") { Description = "As an admin of --org, and not as a viewer." };
        var without = new Option<bool>("--remove-second-factor") { Description = "Takes the authenticator app and the passkeys away as well, for who has lost them." };
        var json = new Option<bool>("--json") { Description = "As JSON." };
        return new Command("user", "Look after the accounts of people, also while the server runs.")
        {
            new AdminCommand("add", "Add an account.", call => (services, output, error) => AddAsync(services, error,
                new NewAccount(call.GetValue(email)!, call.GetValue(name) ?? call.GetValue(email)!.Split('@')[0], "", call.GetValue(isOperator), call.GetValue(org), call.GetValue(admin) ? Role.Admin : Role.Viewer), call.GetValue(file)))
                { email, name, file, isOperator, org, admin },
            new AdminCommand("reset", "Set another password, and end every session; a running server notices within a second.",
                call => (services, output, error) => ResetAsync(services, error, call.GetValue(email)!, call.GetValue(file), call.GetValue(without))) { email, file, without },
            new AdminCommand("list", "List the accounts.", call => (services, output, _) => ListAsync(services, output, call.GetValue(json))) { json },
        };
    }

    private static async Task<int> AddAsync(IServiceProvider services, TextWriter error, NewAccount account, string? file)
    {
        if (account.OrgId is { } orgId && !services.GetRequiredService<OrganizationStore>().Has(orgId)) return await AdminCommand.AnswerAsync(error, [new("org", $"There is no organization {orgId}.")]);
        if (account is { IsOperator: false, OrgId: null }) return await AdminCommand.AnswerAsync(error, [new("org", "Give --org with the organization's number, or --operator.")]);
        return await WithPasswordAsync(error, file, password => services.GetRequiredService<Accounts>().AddAsync(account with { Password = password }, AdminCommand.Actor));
    }

    private static async Task<int> ResetAsync(IServiceProvider services, TextWriter error, string email, string? file, bool withoutSecondFactor)
    {
        var accounts = services.GetRequiredService<Accounts>();
        return await accounts.FindAsync(email) is { } user
            ? await WithPasswordAsync(error, file, password => accounts.ResetAsync(user.Id, password, withoutSecondFactor, AdminCommand.Actor))
            : await AdminCommand.AnswerAsync(error, [new("email", $"There is no account of {email}.")]);
    }

    private static async Task<int> ListAsync(IServiceProvider services, TextWriter output, bool json) =>
        await AdminCommand.ListAsync(output, json, [.. (await services.GetRequiredService<Accounts>().AllAsync()).Select(u => new { u.Email, u.Name, u.IsOperator, u.HasSecondFactor, u.CreatedAt, u.LastSeenAt, u.DisabledAt })],
            ("E-MAIL", u => u.Email), ("NAME", u => u.Name), ("OPERATOR", u => u.IsOperator ? "yes" : "no"), ("SECOND FACTOR", u => u.HasSecondFactor ? "app" : "none"),
            ("LAST SEEN", u => u.LastSeenAt?.ToString("yyyy-MM-dd HH:mm'Z'", System.Globalization.CultureInfo.InvariantCulture)), ("DISABLED", u => u.DisabledAt is null ? "no" : "yes"));

    private static async Task<int> WithPasswordAsync(TextWriter error, string? file, Func<string, Task<IReadOnlyList<AccessError>>> use)
    {
        try
        {
            var password = file is not null ? File.ReadLines(file).FirstOrDefault() : Console.IsInputRedirected ? await Console.In.ReadLineAsync() : Ask(error);
            return await AdminCommand.AnswerAsync(error, await use(password ?? ""));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return await AdminCommand.AnswerAsync(error, [new("password-file", $"The file {file} cannot be read: {e.Message}")]);
        }
    }

    // Nothing of it is shown, nor its length.
    private static string Ask(TextWriter error)
    {
        error.Write("Password: ");
        var typed = new System.Text.StringBuilder();
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace) typed.Length -= Math.Min(1, typed.Length);
            else if (!char.IsControl(key.KeyChar)) typed.Append(key.KeyChar);
        }
        error.WriteLine();
        return typed.ToString();
    }
}
