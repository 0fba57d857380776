using System.Reflection;
using Bunit;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using EnsAdmin.Webhooks;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>
/// What a page asks for it hands to its parts as parameters, and a part may be told of a change. Every part that takes an id is handed another brand's here, hears of its changes and has each
/// of its buttons pressed: it shows nothing of it and changes nothing of it. A new part is found by itself.
/// </summary>
public sealed class IsolationOfComponents : ScreenTestBase
{
    private const string Name = "bees-orders", EventId = "bee-event";

    public static TheoryData<string> Parts => [.. WithIds().Select(t => t.FullName!)];

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task A_part_that_is_handed_another_brands_id_shows_and_changes_nothing_of_it(string part)
    {
        VisitorRole = Role.Admin;
        await StoreAsync();
        var (webhook, delivery) = await OfAnotherBrandAsync();
        Services.GetRequiredService<GroupCommitWriter>().Start(); // Replays and tests go by it.
        var before = await StateAsync();
        var page = Render<Probe>(p => p.Add(x => x.Type, typeof(Program).Assembly.GetType(part)).Add(x => x.Given, Given(typeof(Program).Assembly.GetType(part)!, webhook, delivery)));

        var changes = Services.GetRequiredService<ChangeFeed>();
        foreach (var topic in new[] { Topics.Webhooks(OtherBrand.OrgId), Topics.Deliveries(webhook), Topics.Delivery(delivery), Topics.Keys(OtherBrand.OrgId), Topics.Members(OtherBrand.OrgId), Topics.Audit }) changes.Publish(topic);
        Clock.Advance(TimeSpan.FromSeconds(5));
        AssertNothingIn(page.Markup);
        for (var i = 0; i < page.FindAll("button").Count; i++)
        {
            try
            {
                await page.FindAll("button")[i].ClickAsync().WaitAsync(TimeSpan.FromSeconds(30), Cancel);
            }
            catch (MissingEventHandlerException)
            {
                // One that the browser itself answers.
            }

            foreach (var item in Popovers.FindAll(".mud-menu-item").ToList().Index())
            {
                // Some ends only after its question is answered.
                var pressed = item.Index < Popovers.FindAll(".mud-menu-item").Count ? Popovers.FindAll(".mud-menu-item")[item.Index].ClickAsync() : Task.CompletedTask;
                AngleSharp.Dom.IElement? Yes() => Dialogs.FindAll("button").FirstOrDefault(b => b.TextContent.Trim() is "Delete" or "Replay");
                await Eventually.HoldsAsync(() => Task.FromResult(pressed.IsCompleted || Yes() is not null), () => "the end of what was pressed, or its question");
                if (!pressed.IsCompleted) await Yes()!.ClickAsync();
                await pressed.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
            }

            AssertNothingIn(page.Markup + Popovers.Markup + Dialogs.Markup);
        }

        Assert.Equal(before, await StateAsync());
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
            if (IsId(p)) given[p.Name] = p.PropertyType == typeof(string) ? webhook : p.PropertyType == typeof(long) ? delivery : new[] { delivery };
            else if (p.PropertyType == typeof(string) && p.IsDefined(typeof(EditorRequiredAttribute))) given[p.Name] = "x";
        }

        return given;
    }

    private static void AssertNothingIn(string markup)
    {
        Assert.DoesNotContain(Name, markup, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(EventId, markup, StringComparison.OrdinalIgnoreCase);
    }

    private async Task<(string Webhook, long Delivery)> OfAnotherBrandAsync()
    {
        Assert.Empty(await Services.GetRequiredService<EnsAdmin.Access.OrganizationStore>().AddAsync(OtherBrand.OrgId, "Bee Roasters", "UTC", Some.Actor, Cancel));
        var input = new WebhookInput { Name = Name, Url = "https://bees.example", EventNames = [Some.EventName] };
        var webhook = Assert.IsType<SaveResult.Saved>(await Services.GetRequiredService<WebhookStore>().CreateAsync(OtherBrand.OrgId, input, Some.Actor, Cancel)).Webhook.Id;
        return (webhook, await DeliverAsync(webhook, EventId, DeliveryStatus.Rejected, AttemptOutcome.ClientError, 400, "400 Bad Request", OtherBrand.OrgId));
    }

    private async Task<string> StateAsync()
    {
        await using var db = Services.GetRequiredService<EnsContexts>().Of(OtherBrand.OrgId);
        var webhooks = await db.Webhooks.Select(w => $"{w.Version} {w.Active} {w.DeletedAt}").ToListAsync(Cancel);
        var deliveries = await db.Deliveries.Select(d => $"{d.Id} {d.Status} {d.Attempts}").ToListAsync(Cancel);
        return string.Join('|', [.. webhooks, .. deliveries, $"{await db.ReplayJobs.CountAsync(Cancel)} {await db.AuditEntries.CountAsync(Cancel)}"]);
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
