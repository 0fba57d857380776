using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Data;

/// <summary>Nobody comes to the rows of an organization but through the gate.</summary>
public sealed class GateTests
{
    private const int Other = 7;
    private static readonly DateTimeOffset Then = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Tables that belong to people, not to organizations.</summary>
    private static readonly string[] OfPeople = ["Users", "UserClaims", "UserLogins", "UserTokens", "UserPasskeys", "UserSessions"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_context_of_an_organization_sees_its_own_rows_alone()
    {
        await using var app = RunningApp.Start();
        var contexts = await WithTwoWebhooksAsync(app);

        await using var mine = contexts.Of(RunningApp.OrgId);
        await using var theirs = contexts.Of(Other);
        await using var all = contexts.OfInstallation();

        Assert.Equal("ours", (await mine.Webhooks.SingleAsync(Cancel)).Name);
        Assert.Equal("theirs", (await theirs.Webhooks.SingleAsync(Cancel)).Name);
        Assert.Equal(2, await all.Webhooks.CountAsync(Cancel));
    }

    [Fact]
    public async Task A_context_that_was_opened_any_other_way_sees_nothing()
    {
        await using var app = RunningApp.Start();
        await WithTwoWebhooksAsync(app);
        await using var scope = app.Services.CreateAsyncScope();
        await using var bare = new EnsDbContext(app.Services.GetRequiredService<DbContextOptions<EnsDbContext>>());

        Assert.Empty(await scope.ServiceProvider.GetRequiredService<EnsDbContext>().Webhooks.ToListAsync(Cancel));
        Assert.Empty(await bare.Webhooks.ToListAsync(Cancel));
    }

    [Fact]
    public async Task A_row_of_another_organization_cannot_be_written()
    {
        await using var app = RunningApp.Start();
        await using var db = app.Services.GetRequiredService<EnsContexts>().Of(RunningApp.OrgId);
        db.Webhooks.Add(new Webhook(Other, "smuggled", "test", Then));

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => db.SaveChangesAsync(Cancel));

        Assert.Contains("another organization", refusal.Message);
        Assert.Throws<InvalidOperationException>(() => db.SaveChanges());
    }

    [Fact]
    public async Task Every_table_is_either_filtered_or_of_people()
    {
        await using var app = RunningApp.Start();
        await using var db = app.Services.GetRequiredService<EnsContexts>().Of(RunningApp.OrgId);
        var open = db.Model.GetEntityTypes().Where(t => !t.IsOwned() && t.GetDeclaredQueryFilters().Count == 0).Select(t => t.GetTableName());
        Assert.Equal(OfPeople.Order(), open.Order());
    }

    private static async Task<EnsContexts> WithTwoWebhooksAsync(RunningApp app)
    {
        var contexts = app.Services.GetRequiredService<EnsContexts>();
        await using var db = contexts.OfInstallation();
        db.Webhooks.AddRange(new Webhook(RunningApp.OrgId, "ours", "test", Then), new Webhook(Other, "theirs", "test", Then));
        await db.SaveChangesAsync(Cancel);
        return contexts;
    }
}
