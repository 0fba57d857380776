using Bunit;
using EnsAdmin.Directories;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Directories;

/// <summary>Where the facts of a record came from, as its page tells it.</summary>
public sealed class RecordFactsTests : ScreenTestBase
{
    [Fact]
    public void A_list_says_who_added_to_it_last_and_not_that_all_of_it_came_from_there()
    {
        var kind = DirectoryKind.Customers;
        var imported = Some.Fact(kind, 42, ("instore.cards", """[{"number":"1001"}]"""), ("line", """[{"accountId":"a","identifiers":[]}]"""));
        var learned = Some.Fact(kind, 42, ("instore.mobile", "911"), ("instore.cards", """[{"number":"1002"}]"""));
        var record = DirectoryRecord.Empty(kind, 42).Merge(imported, FactOrigin.Imported(3, DateTimeOffset.UnixEpoch))!
            .Merge(learned, FactOrigin.Learned("transactionAdded", "e-1", DateTimeOffset.UnixEpoch.AddDays(1).UtcTicks))!;

        var facts = Render<RecordFacts>(p => p.Add(x => x.Kind, kind).Add(x => x.Details, new RecordDetails(record, null, [], new Dictionary<string, (string, long)>())));

        string Row(string fact) => facts.FindAll("tbody tr").Single(r => r.Children[0].TextContent == fact).TextContent;
        Assert.Contains("Learned from transactionAdded", Row("Mobile"));
        Assert.Contains("Last added to by transactionAdded", Row("Cards"));
        Assert.Contains("1001", Row("Cards"));
        Assert.Contains("Import 3", Row("Line"));
    }
}
