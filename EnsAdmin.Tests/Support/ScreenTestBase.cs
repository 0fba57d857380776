using System.Security.Claims;
using System.Text;
using Bunit;
using EnsAdmin.Access;
using EnsAdmin.Activity;
using EnsAdmin.Catalog;
using EnsAdmin.Data;
using EnsAdmin.Directories;
using EnsAdmin.Dispatch;
using EnsAdmin.Domain;
using EnsAdmin.Enrichment;
using EnsAdmin.Ingestion;
using EnsAdmin.People;
using EnsAdmin.Replays;
using EnsAdmin.Webhooks;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using TestContext = Xunit.TestContext;

namespace EnsAdmin.Tests.Support;

/// <summary>A screen over a real database of its own; nothing is dispatched unless the test writes it.</summary>
public abstract class ScreenTestBase : MudTestBase
{
    private readonly string _data = Directory.CreateTempSubdirectory("ens-test").FullName;
    private bool _prepared;

    protected ScreenTestBase()
    {
        Services.AddLogging();
        Services.Configure<StorageOptions>(o => o.DataDirectory = _data);
        Services.AddSingleton(EventCatalog.LoadEmbedded());
        Services.AddCascadingValue(_ => new CurrentOrganization(RunningApp.OrgId, "Harbour Coffee", TimeZoneInfo.Utc, VisitorRole));
        Services.AddData().AddAccess().AddPeople().AddDispatch().AddEnrichment().AddIngestion().AddWebhooks().AddReplays().AddActivity().AddDirectory();
    }

    /// <summary>As whom the screen is looked at; to be set before it is rendered.</summary>
    protected Role VisitorRole { get; set; } = Role.Operator;

    /// <summary>The visitor, once there is a database.</summary>
    protected EnsUser Visitor { get; } = new() { UserName = "jo@example.com", Email = "jo@example.com", NormalizedEmail = "JO@EXAMPLE.COM", DisplayName = "Jo Rivera" };

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    protected async Task<WebhookStore> StoreAsync()
    {
        if (!_prepared)
        {
            await Services.PrepareDatabaseAsync();
            Assert.Empty(await Services.GetRequiredService<OrganizationStore>().AddAsync(RunningApp.OrgId, "Harbour Coffee", "UTC", Some.Actor, Cancel));
            Visitor.IsOperator = VisitorRole == Role.Operator;
            await using var db = Services.GetRequiredService<EnsContexts>().OfInstallation();
            db.Users.Add(Visitor);
            if (VisitorRole != Role.Operator) db.Memberships.Add(new Membership(Visitor.Id, RunningApp.OrgId, VisitorRole, Clock.GetUtcNow()));
            await db.SaveChangesAsync(Cancel);
            await SignInAsync();
        }

        _prepared = true;
        return Services.GetRequiredService<WebhookStore>();
    }

    /// <summary>Begins a session of the visitor, in place of a former one.</summary>
    protected async Task SignInAsync()
    {
        var session = await Services.GetRequiredService<Sessions>().BeginAsync(Visitor.Id, "127.0.0.1", null);
        var identity = new ClaimsIdentity([new Claim(Sessions.Claim, session.ToString())], "test");
        ((CircuitSession)Services.GetRequiredService<AuthenticationStateProvider>()).SetAuthenticationState(Task.FromResult(new AuthenticationState(new ClaimsPrincipal(identity))));
    }

    protected async Task<WebhookDetails> SaveAsync(string name, params string[] events)
    {
        var store = await StoreAsync();
        var input = new WebhookInput { Name = name, Url = $"https://{name}.example", EventNames = [.. events.DefaultIfEmpty(Some.EventName)] };
        return Assert.IsType<SaveResult.Saved>(await store.CreateAsync(RunningApp.OrgId, input, Some.Actor, Cancel)).Webhook;
    }

    /// <summary>Stores an event with one delivery to the webhook, and what came of its first attempt where there was one.</summary>
    /// <returns>The delivery's id.</returns>
    protected async Task<long> DeliverAsync(string webhookId, string eventId, DeliveryStatus status = DeliveryStatus.Queued, AttemptOutcome outcome = AttemptOutcome.Success, int? code = 200, string reason = "200 OK", int orgId = RunningApp.OrgId)
    {
        await StoreAsync();
        using var sql = new SqliteHotPath(Services.GetRequiredService<DataDirectory>().ConnectionString);
        var now = Clock.GetUtcNow();
        sql.Begin();
        var message = sql.InsertEvent(new NewEvent(orgId, eventId, Some.EventName, "1655_7", "request-1", now.UtcTicks, [], Encoding.UTF8.GetBytes(Some.Event(eventId))), 1, now.UtcTicks)!.Value;
        sql.Enqueue(sql.LoadWebhooks().Find(webhookId)!, message, now.UtcTicks, now.AddDays(1).UtcTicks);
        if (status != DeliveryStatus.Queued)
        {
            var claim = Assert.Single(sql.Claim(webhookId, 1, 1, now.UtcTicks, ahead: false));
            var attempt = new AttemptResult(AttemptTrigger.Scheduled, outcome, code, reason, now, TimeSpan.FromMilliseconds(84), "POST https://orders.example\nX-Key: ••••••", code is null ? null : "Server: test", code is null ? null : "thanks"u8.ToArray());
            var isOver = status != DeliveryStatus.ReplayScheduled;
            Assert.True(sql.Record(claim, attempt, attempt.Answer.IsReplayed(false), status, isOver ? null : now.AddSeconds(40).UtcTicks, reason, now.AddMilliseconds(84).UtcTicks));
        }
        sql.Commit();

        await using var db = Services.GetRequiredService<EnsContexts>().OfInstallation();
        return await db.Deliveries.Where(d => d.WebhookId == webhookId).MaxAsync(d => d.Id, Cancel);
    }

    protected static Task ClickAsync<T>(IRenderedComponent<T> page, string words) where T : IComponent =>
        page.FindAll("button").First(b => b.TextContent.Trim() == words || b.GetAttribute("aria-label") == words).ClickAsync();
}
