using System.CommandLine;
using EnsAdmin.Access;

namespace EnsAdmin.Hosting;

/// <summary><c>org add|list</c>.</summary>
internal static class OrganizationCommands
{
    public static Command Create()
    {
        var id = new Argument<int>("orgId") { Description = "The organization's number, as its events carry it." };
        var name = new Option<string>("--name") { Description = "Its name.", HelpName = "text", Required = true };
        var zone = new Option<string>("--time-zone") { Description = "IANA time zone of its screens.", HelpName = "id", DefaultValueFactory = _ => "UTC" };
        var json = new Option<bool>("--json") { Description = "As JSON." };
        return new Command("org", "Look after organizations, also while the server runs.")
        {
            new AdminCommand("add", "Add an organization.", call => async (services, _, error) => await AdminCommand.AnswerAsync(error,
                await services.GetRequiredService<OrganizationStore>().AddAsync(call.GetValue(id), call.GetValue(name)!, call.GetValue(zone)!, AdminCommand.Actor))) { id, name, zone },
            new AdminCommand("list", "List the organizations.", call => async (services, output, _) => await AdminCommand.ListAsync(output, call.GetValue(json),
                [.. (await services.GetRequiredService<OrganizationStore>().AllAsync()).Select(o => new { o.OrgId, o.Name, o.TimeZone, o.CreatedAt })],
                ("ORGID", o => $"{o.OrgId}"), ("NAME", o => o.Name), ("TIME ZONE", o => o.TimeZone), ("CREATED", o => $"{o.CreatedAt:yyyy-MM-dd}"))) { json },
        };
    }
}
