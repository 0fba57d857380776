using System.Text;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using EnsAdmin.Enrichment;
using EnsAdmin.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Enrichment;

/// <summary>What was made before the transaction is sent only where it is still right.</summary>
public sealed class EventEnrichmentTests
{
    private const int Org = RunningApp.OrgId;

    [Theory]
    [InlineData("nothing", "T1")]
    [InlineData("an import of another till", "T1")]
    [InlineData("an import", "imported")]
    [InlineData("an event", "learned")]
    [InlineData("another connection", "edited")]
    public async Task Payloads_made_ahead_count_unless_something_has_changed_since(string since, string code)
    {
        await using var world = await EnrichedWorld.StartAsync();
        var (enrichment, writer) = (world.App.Services.GetRequiredService<EventEnrichment>(), world.App.Services.GetRequiredService<GroupCommitWriter>());
        var message = new NewEvent(Org, "e-1", "transactionAdded", null, "r-1", 0, [], Encoding.UTF8.GetBytes("""{"data":{"enteredBy":{"id":77}}}"""));
        var toEnrich = new EventToEnrich(enrichment.Read(message)!, [EnrichmentFacts.Till]);
        var prepared = enrichment.Prepare(Org, [(0, message, toEnrich)]);
        Assert.Contains("\"code\":\"T1\"", Encoding.UTF8.GetString(Assert.Single(prepared!.Made).Value.Added!));

        var now = world.App.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        var file = FactOrigin.Imported(1, now);
        if (since == "an import of another till") await writer.RunAsync(sql => sql.Directory.Apply(Org, DirectoryKind.Tills, [Some.Fact(DirectoryKind.Tills, 78, ("code", "imported"))], file));
        if (since == "an import") await writer.RunAsync(sql => sql.Directory.Apply(Org, DirectoryKind.Tills, [Some.Fact(DirectoryKind.Tills, 77, ("code", "imported"))], file));
        if (since == "another connection")
        {
            await using var other = new SqliteConnection(world.App.Services.GetRequiredService<DataDirectory>().ConnectionString);
            await other.OpenAsync(TestContext.Current.CancellationToken);
            await using var edit = new SqliteCommand("UPDATE Tills SET Code = 'edited'", other);
            await edit.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var (copy, statements) = await writer.RunAsync(sql =>
        {
            // In the same transaction: also what is not committed yet counts.
            if (since == "an event") sql.Directory.Learn(Org, DirectoryKind.Tills, [new DirectoryLesson.Facts(Some.Fact(DirectoryKind.Tills, 77, ("code", "learned")), FactOrigin.Learned("customerAdded", "e", now.AddDays(1).UtcTicks))]);
            var before = sql.Statements;
            return (enrichment.Enrich(sql, Org, [(0, 7, message, toEnrich)], prepared).Of(7, toEnrich.Fragments, EnrichmentFacts.Till), sql.Statements - before);
        });
        Assert.Contains($"\"code\":\"{code}\"", Encoding.UTF8.GetString(copy!.Added!));
        if (code == "T1" && since == "nothing") Assert.Equal(1, statements); // Nothing but to store it.
    }
}
