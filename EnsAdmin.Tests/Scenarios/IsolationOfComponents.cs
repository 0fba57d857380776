using System.Reflection;
using Bunit;
using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Directories;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using EnsAdmin.Webhooks;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>
/// What a page asks for it hands to its parts as parameters, and a part may be told of a change. Every part that takes an id is handed another brand's here, hears of its changes and has each
/// of its buttons pressed: it shows nothing of it and changes nothing of it. A new part is found by itself.
/// </summary>
public sealed class IsolationOfComponents : ScreenTestBase
{
    private const string Name = "bees-orders", EventId = "bee-event", Email = "queen@bees.example", File = "bee-stores.csv";

    public static TheoryData<string> Parts => [.. WithIds().Select(t => t.FullName!)];

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task A_part_that_is_handed_another_brands_id_shows_and_changes_nothing_of_it(string part)
    {
        VisitorRole = Role.Admin;
        await StoreAsync();
        var (webhook, delivery) = await OfAnotherBrandAsync();
        var before = await StateAsync();
        var page = await ShowAsync(typeof(Program).Assembly.GetType(part)!, webhook, delivery);

        var changes = Services.GetRequiredService<ChangeFeed>();
        foreach (var topic in new[] { Topics.Webhooks(OtherBrand.OrgId), Topics.Deliveries(webhook), Topics.Delivery(delivery), Topics.Keys(OtherBrand.OrgId), Topics.Members(OtherBrand.OrgId), Topics.Directory(OtherBrand.OrgId), Topics.Imports(OtherBrand.OrgId), Topics.Audit }) changes.Publish(topic);
        Clock.Advance(TimeSpan.FromSeconds(5));
        AssertNothingIn(page.Markup);
        for (var i = 0; i < page.FindAll("button").Count; i++)
        {
            try
            {
                await AnswerAsync(page.FindAll("button")[i].ClickAsync());
            }
            catch (MissingEventHandlerException)
            {
                // One that the browser itself answers.
            }

            foreach (var item in Popovers.FindAll(".mud-menu-item").ToList().Index())
            {
                if (item.Index < Popovers.FindAll(".mud-menu-item").Count) await AnswerAsync(Popovers.FindAll(".mud-menu-item")[item.Index].ClickAsync());
            }

            AssertNothingIn(page.Markup + Popovers.Markup + Dialogs.Markup);
        }

        Assert.Equal(before, await StateAsync());
    }

    /// <summary>Waits for the end of what was pressed; some ends only after its question is answered.</summary>
    private async Task AnswerAsync(Task pressed)
    {
        AngleSharp.Dom.IElement? Yes() => Dialogs.FindAll("button").FirstOrDefault(b => b.TextContent.Trim() is "Delete" or "Replay" or "Mask");
        await Eventually.HoldsAsync(() => Task.FromResult(pressed.IsCompleted || Yes() is not null), () => "the end of what was pressed, or its question");
        if (!pressed.IsCompleted) await Yes()!.ClickAsync();
        await pressed.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Fact]
    public void There_are_parts_to_look_at() => Assert.InRange(WithIds().Count(), 6, 100);

    private static IEnumerable<Type> WithIds() => typeof(Program).Assembly.GetTypes().Where(t => typeof(IComponent).IsAssignableFrom(t) && !t.IsAbstract && t.GetProperties(Every).Any(IsId));

    private const BindingFlags Every = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static bool IsId(PropertyInfo p) => p.IsDefined(typeof(ParameterAttribute)) && (p.Name.EndsWith("Id", StringComparison.Ordinal) || p.Name == "Ids") && p.DeclaringType!.Namespace != "EnsAdmin.Shared";

    private static Dictionary<string, object?> Given(Type part, string webhook, long delivery)
    {
        var given = new Dictionary<string, object?>();
        foreach (var p in part.GetProperties(Every).Where(p => p.IsDefined(typeof(ParameterAttribute))))
        {
            if (IsId(p)) given[p.Name] = p.PropertyType == typeof(string) ? part.Namespace!.StartsWith("EnsAdmin.Directories", StringComparison.Ordinal) ? $"{delivery}" : webhook : p.PropertyType == typeof(long) ? delivery : new[] { delivery };
            else if (p.PropertyType == typeof(DirectoryKind)) given[p.Name] = DirectoryKind.Customers;
            else if (p.PropertyType == typeof(CurrentOrganization)) given[p.Name] = new CurrentOrganization(RunningApp.OrgId, "Harbour Coffee", TimeZoneInfo.Utc, Role.Admin);
            else if (p.PropertyType == typeof(string) && p.IsDefined(typeof(EditorRequiredAttribute))) given[p.Name] = "x";
        }

        return given;
    }

    private static void AssertNothingIn(string markup) => Assert.All([Name, EventId, Email, File], mark => Assert.DoesNotContain(mark, markup, StringComparison.OrdinalIgnoreCase));

    /// <summary>As its page shows it, or as a dialog.</summary>
    private async Task<IRenderedComponent<IComponent>> ShowAsync(Type part, string webhook, long delivery)
    {
        var given = Given(part, webhook, delivery);
        if (!part.GetProperties(Every).Any(p => p.PropertyType == typeof(IMudDialogInstance))) return Render<Probe>(p => p.Add(x => x.Type, part).Add(x => x.Given, given));
        var parameters = new DialogParameters();
        foreach (var (name, value) in given) parameters.Add(name, value);
        await Renderer.Dispatcher.InvokeAsync(() => Services.GetRequiredService<IDialogService>().ShowAsync(part, "", parameters));
        return Dialogs;
    }

    private async Task<(string Webhook, long Delivery)> OfAnotherBrandAsync()
    {
        Assert.Empty(await Services.GetRequiredService<OrganizationStore>().AddAsync(OtherBrand.OrgId, "Bee Roasters", "UTC", Some.Actor, Cancel));
        var input = new WebhookInput { Name = Name, Url = "https://bees.example", EventNames = [Some.EventName] };
        var webhook = Assert.IsType<SaveResult.Saved>(await Services.GetRequiredService<WebhookStore>().CreateAsync(OtherBrand.OrgId, input, Some.Actor, Cancel)).Webhook.Id;
        var delivery = await DeliverAsync(webhook, EventId, DeliveryStatus.Rejected, AttemptOutcome.ClientError, 400, "400 Bad Request", OtherBrand.OrgId);
        // Records and an import under the same number.
        var writer = Services.GetRequiredService<GroupCommitWriter>();
        writer.Start(); // Replays and tests go by it too.
        foreach (var kind in DirectoryKind.All)
            await writer.RunAsync(sql => sql.Directory.Apply(OtherBrand.OrgId, kind, [kind == DirectoryKind.Customers ? Some.Fact(kind, delivery, ("instore.email", Email)) : Some.Fact(kind, delivery, ("name", Name))], FactOrigin.Api("ens_bee", Clock.GetUtcNow())));
        var incoming = Services.GetRequiredService<ImportFiles>().Incoming();
        await System.IO.File.WriteAllTextAsync(incoming, "storeId\n1\n", Cancel);
        Assert.Equal(delivery, (await Services.GetRequiredService<ImportStore>().AddAsync(OtherBrand.OrgId, new NewImport(DirectoryKind.Stores, File, ImportFormat.Csv, null, false, true), incoming, Some.Actor, Cancel)).Id);
        return (webhook, delivery);
    }

    private async Task<string> StateAsync()
    {
        await using var db = Services.GetRequiredService<EnsContexts>().Of(OtherBrand.OrgId);
        var webhooks = await db.Webhooks.Select(w => $"{w.Version} {w.Active} {w.DeletedAt}").ToListAsync(Cancel);
        var deliveries = await db.Deliveries.Select(d => $"{d.Id} {d.Status} {d.Attempts}").ToListAsync(Cancel);
        var customers = await db.Customers.Select(c => $"{c.CustomerId} {c.Origin} {c.Facts}").ToListAsync(Cancel);
        var imports = await db.ImportJobs.Select(j => $"{j.Id} {j.State}").ToListAsync(Cancel);
        return string.Join('|', [.. webhooks, .. deliveries, .. customers, .. imports, $"{await db.Stores.CountAsync(Cancel)} {await db.Tills.CountAsync(Cancel)}", $"{await db.ReplayJobs.CountAsync(Cancel)} {await db.AuditEntries.CountAsync(Cancel)}"]);
    }

    /// <summary>Renders a part by its type.</summary>
    private sealed class Probe : ComponentBase
    {
        [Parameter] public Type? Type { get; set; }
        [Parameter] public Dictionary<string, object?> Given { get; set; } = [];

        protected override void BuildRenderTree(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder builder)
        {
            builder.OpenComponent(0, Type!);
            builder.AddMultipleAttributes(1, Given!);
            builder.CloseComponent();
        }
    }
}
