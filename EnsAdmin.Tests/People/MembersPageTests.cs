using Bunit;
using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.People;
using EnsAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.People;

public sealed class MembersPageTests : ScreenTestBase
{
    private InvitationStore Invitations => Services.GetRequiredService<InvitationStore>();

    [Fact]
    public async Task A_member_is_removed_after_a_question_and_loses_everything_at_once()
    {
        VisitorRole = Role.Admin;
        await StoreAsync();
        Assert.Empty(await Services.GetRequiredService<Accounts>().AddAsync(new("sam@example.com", "Sam Lee", RunningAppPeople.Password, false, RunningApp.OrgId, Role.Viewer), Some.Actor));
        var sam = (await Services.GetRequiredService<Accounts>().FindAsync("sam@example.com"))!.Id;
        var session = await Services.GetRequiredService<Sessions>().BeginAsync(sam, null, null);
        Assert.Equal(Role.Viewer, Services.GetRequiredService<Sessions>().Find(session)!.RoleIn(RunningApp.OrgId));
        var page = Render<MembersPage>();
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("tbody tr").Count));

        await page.Find("button[aria-label='Actions for Sam Lee']").ClickAsync();
        var removing = Popovers.WaitForElements(".mud-menu-item").Single(i => i.TextContent == "Remove").ClickAsync();
        Dialogs.WaitForAssertion(() => Assert.Contains("Remove Sam Lee?", Dialogs.Markup));
        await ClickAsync(Dialogs, "Remove");
        await removing;

        Assert.Null(Services.GetRequiredService<Sessions>().Find(session)!.RoleIn(RunningApp.OrgId));
        await using var db = Services.GetRequiredService<EnsContexts>().Of(RunningApp.OrgId);
        Assert.Equal("Jo Rivera", (await db.AuditEntries.SingleAsync(e => e.Action == "member.removed", Cancel)).By);
    }

    [Fact]
    public async Task The_link_of_an_invitation_is_known_to_nobody_who_reads_the_database()
    {
        await StoreAsync();
        var token = (await Invitations.AddAsync(RunningApp.OrgId, "sam@example.com", Role.Admin, Some.Actor, Cancel)).Token!;
        await using var db = Services.GetRequiredService<EnsContexts>().OfInstallation();
        var stored = await db.Invitations.SingleAsync(Cancel);
        Assert.NotEqual(System.Text.Encoding.UTF8.GetBytes(token), stored.TokenHash);
        Assert.Equal("sam@example.com", (await Invitations.FindAsync(token))!.Email);
    }

    [Fact]
    public async Task A_withdrawn_a_renewed_and_an_old_invitation_are_good_no_more()
    {
        await StoreAsync();
        async Task<string> InviteAsync(string email) => (await Invitations.AddAsync(RunningApp.OrgId, email, Role.Viewer, Some.Actor, Cancel)).Token!;
        var (former, renewed, withdrawn) = (await InviteAsync("sam@example.com"), await InviteAsync("sam@example.com"), await InviteAsync("lee@example.com"));
        await Invitations.WithdrawAsync(RunningApp.OrgId, (await Invitations.FindAsync(withdrawn))!.Id, Some.Actor, Cancel);

        Assert.Null(await Invitations.FindAsync(former));
        Assert.Null(await Invitations.FindAsync(withdrawn));
        Assert.NotNull(await Invitations.FindAsync(renewed));
        Clock.Advance(Invitation.Lifetime);
        Assert.Null(await Invitations.FindAsync(renewed));
        Assert.NotEmpty(await Invitations.AcceptAsync(renewed, "Sam", RunningAppPeople.Password, null));
    }

    [Fact]
    public async Task An_invitation_is_taken_up_only_by_the_address_it_is_for()
    {
        await StoreAsync();
        var token = (await Invitations.AddAsync(RunningApp.OrgId, "sam@example.com", Role.Admin, Some.Actor, Cancel)).Token!;
        var other = new Person("u-1", Guid.NewGuid(), "Lee", "lee@example.com", false, new Dictionary<int, Role>(), null);
        Assert.Equal("Token", Assert.Single(await Invitations.JoinAsync(token, other)).Field);
        Assert.NotNull(await Invitations.FindAsync(token));
    }

    [Fact]
    public async Task Whoever_has_lost_the_role_while_the_page_is_open_changes_nothing()
    {
        VisitorRole = Role.Admin;
        await StoreAsync();
        await Services.GetRequiredService<MemberStore>().SetRoleAsync(RunningApp.OrgId, Visitor.Id, Role.Viewer, Some.Actor, Cancel);
        var visitor = Services.GetRequiredService<Visitor>();
        Assert.Throws<NotAllowedException>(() => visitor.AdminOf(RunningApp.OrgId));
        Assert.Throws<NotAllowedException>(() => visitor.AdminOf(7));
        Assert.Throws<NotAllowedException>(visitor.Operator);
    }
}
