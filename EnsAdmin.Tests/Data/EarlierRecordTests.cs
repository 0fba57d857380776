using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Data;

/// <summary>A payload gets what the directory knew when its event came in, however late it is made.</summary>
public sealed class EarlierRecordTests
{
    private const int Org = RunningApp.OrgId, Other = 1656;
    private static readonly long[] Ids = [1, 2, 1L << 40];
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whatever_changes_in_whatever_order_each_event_finds_what_was_known(int seed)
    {
        await using var app = RunningApp.Start();
        var (writer, readers) = (app.Services.GetRequiredService<GroupCommitWriter>(), app.Services.GetRequiredService<DirectoryReaders>());
        await app.AddOrganizationAsync(Other, "other");
        var chance = new Random(seed);
        var waiting = new Dictionary<long, (int OrgId, string Facts)>();
        for (var step = 0; step < 150; step++)
        {
            var orgId = chance.Next(4) == 0 ? Other : Org;
            switch (chance.Next(6))
            {
                case 0 or 1:
                    var accepted = await writer.RunAsync(sql => Accept(sql, orgId, step));
                    waiting[accepted.EventId] = (orgId, accepted.Facts);
                    break;
                case 2 when waiting.Count > 0:
                    var (made, about) = waiting.ElementAt(chance.Next(waiting.Count));
                    await writer.RunAsync(sql => Made(sql, about.OrgId, made));
                    waiting.Remove(made);
                    break;
                case 3:
                    await writer.RunAsync(sql => sql.Directory.DropEarlier(100));
                    break;
                case 4 when chance.Next(3) == 0:
                    var undone = Change(orgId, step, chance);
                    await Assert.ThrowsAsync<InvalidDataException>(() => writer.RunAsync<bool>(sql => undone(sql.Directory) ? throw new InvalidDataException() : throw new InvalidDataException()));
                    break;
                default:
                    var change = Change(orgId, step, chance);
                    if (chance.Next(2) == 0) await writer.RunAsync(sql => change(sql.Directory));
                    else await using (var directory = await app.Services.GetRequiredService<EnsContexts>().DirectoryOfAsync(orgId, Cancel)) await directory.ChangeAsync(change, Cancel);
                    break;
            }

            foreach (var (eventId, (org, facts)) in waiting)
            {
                Assert.Equal((facts, null), Told(readers.Look([Question(org, eventId)])[0]));
                Assert.Equal(facts, await writer.RunAsync(sql => Told(sql.Directory.Look([Question(org, eventId)])[0])));
            }

            Assert.Equal(waiting.Values.Select(w => (w.Facts, (MadePayload?)null)), readers.Look([.. waiting.Select(w => Question(w.Value.OrgId, w.Key))]).Select(Told));
        }

        foreach (var (eventId, (org, _)) in waiting) await writer.RunAsync(sql => Made(sql, org, eventId));
        await writer.RunAsync(sql => sql.Directory.DropEarlier(1000));
        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        Assert.Equal(0, await db.EarlierRecords.CountAsync(Cancel));
    }

    [Fact]
    public async Task Nothing_is_kept_where_no_event_waits_for_its_payload()
    {
        await using var app = RunningApp.Start();
        var writer = app.Services.GetRequiredService<GroupCommitWriter>();
        await app.AddOrganizationAsync(Other, "other");
        var (eventId, _) = await writer.RunAsync(sql => Accept(sql, Other, 1));
        var chance = new Random(1);
        for (var step = 0; step < 20; step++)
        {
            var change = Change(Org, step, chance);
            await writer.RunAsync(sql => change(sql.Directory));
        }

        await using var db = app.Services.GetRequiredService<EnsContexts>().OfInstallation();
        Assert.Equal(0, await db.EarlierRecords.CountAsync(Cancel));
        await writer.RunAsync(sql => sql.Directory.Apply(Other, DirectoryKind.Tills, [Some.Fact(DirectoryKind.Tills, 1, ("code", "new"))], FactOrigin.Imported(1, DateTimeOffset.UnixEpoch)));
        await writer.RunAsync(sql => sql.Directory.Apply(Other, DirectoryKind.Tills, [Some.Fact(DirectoryKind.Tills, 1, ("code", "newer"))], FactOrigin.Imported(1, DateTimeOffset.UnixEpoch)));
        Assert.Equal([eventId], await db.EarlierRecords.Select(r => r.UpTo).ToListAsync(Cancel)); // Once for all that change it while the same events wait.
        Assert.Equal(0, await writer.RunAsync(sql => sql.Directory.DropEarlier(100)));
    }

    [Fact]
    public async Task A_payload_that_has_been_made_meanwhile_is_told_as_it_was_made()
    {
        await using var app = RunningApp.Start();
        var (writer, readers) = (app.Services.GetRequiredService<GroupCommitWriter>(), app.Services.GetRequiredService<DirectoryReaders>());
        var (eventId, _) = await writer.RunAsync(sql => Accept(sql, Org, 1));
        var made = new MadePayload([0, 0], "till 1 unknown");
        await writer.RunAsync(sql =>
        {
            sql.StoreMade(Org, Question(Org, eventId).EnrichedId, made);
            sql.StoreMade(Org, Question(Org, eventId).EnrichedId, new MadePayload(null, null)); // Made is made.
            sql.StoreMade(Org, Question(Org, eventId + 1).EnrichedId, made); // Nobody waits for it: it must not stay for ever.
            return true;
        });
        var told = readers.Look([Question(Org, eventId), Question(Org, eventId + 1)]);
        Assert.Equal(made.Unknown, told[0].Made!.Unknown);
        Assert.Equal(made.Added, told[0].Made!.Added);
        Assert.Null(told[1].Made);
    }

    private static DirectoryQuestion Question(int orgId, long eventId) => new(orgId, EnrichedBody.IdOf(eventId, EnrichmentFacts.Till), Needs());

    private static (string, MadePayload?) Told((DirectoryFacts Known, MadePayload? Made) answer) => (Told(answer.Known), answer.Made);

    private static DirectoryNeeds Needs()
    {
        var needs = new DirectoryNeeds();
        foreach (var id in Ids) _ = (needs.Tills.Add(id), needs.Stores.Add(id), needs.Customers.Add(id));
        return needs;
    }

    private static string Told(DirectoryFacts facts) => string.Join(' ', ((IEnumerable<DirectoryRecord>)[.. facts.Tills.Values, .. facts.Stores.Values, .. facts.Customers.Values]).OrderBy(r => r.Kind.Number).ThenBy(r => r.Id)
        .Where(r => !r.IsForgotten || r.Points.Count > 0).Select(r => $"{r.Kind.Table}{r.Id}{(r.IsForgotten ? "-" : "")}:{string.Join(',', r.Values)};{string.Join(',', r.Points.Select(p => p.Available))}"));

    private static (long EventId, string Facts) Accept(SqliteHotPath sql, int orgId, int step)
    {
        var id = sql.InsertEvent(new NewEvent(orgId, $"e-{step}", "transactionAdded", null, null, 0, [], []), 1, 0)!.Value;
        sql.Enqueue(new WebhookSnapshot("w", orgId, "w", "", "POST", true, 1, 0, false, null, [], [], EnrichmentFacts.All), id, 0, long.MaxValue, EnrichmentFacts.Till);
        return (id, Told(sql.Directory.Look(orgId, Needs())));
    }

    private static bool Made(SqliteHotPath sql, int orgId, long eventId)
    {
        sql.StoreMade(orgId, EnrichedBody.IdOf(eventId, EnrichmentFacts.Till), new MadePayload(null, null));
        return true;
    }

    private static Func<SqliteDirectory, bool> Change(int orgId, int step, Random chance)
    {
        var (kind, id, what) = (DirectoryKind.All[chance.Next(3)], Ids[chance.Next(Ids.Length)], chance.Next(6));
        var fact = kind == DirectoryKind.Customers ? Some.Fact(kind, id, ("instore.mobile", $"91{step}")) : kind == DirectoryKind.Tills ? Some.Fact(kind, id, ("code", $"T{step}"), ("storeId", $"{Ids[chance.Next(2)]}")) : Some.Fact(kind, id, ("name", $"S{step}"));
        var origin = FactOrigin.Imported(1, DateTimeOffset.UnixEpoch.AddDays(step));
        var learned = FactOrigin.Learned("transactionAdded", "e", origin.At);
        return directory =>
        {
            if (what == 0) return directory.Delete(orgId, kind, id);
            if (what == 1) return directory.Forget(orgId, kind, id, origin.At);
            if (what == 2) return directory.Apply(orgId, kind, [fact], origin).Changed > 0;
            directory.Learn(orgId, kind, [new DirectoryLesson.Facts(fact, learned)]);
            if (what == 3 && kind == DirectoryKind.Customers) directory.Learn(orgId, kind, [new DirectoryLesson.Balance(id, new CustomerPoints(3, step, learned.Text, learned.At))]);
            return true;
        };
    }
}
