using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Domain;

public sealed class DirectoryRecordTests
{
    private const int Mobile = CustomerFields.Mobile, Email = CustomerFields.Email;
    private static readonly DirectoryKind Kind = DirectoryKind.Customers;
    private static readonly FactOrigin File = new(OriginKind.Imported, "12", 100);

    private static DirectoryRecord Imported => DirectoryRecord.Empty(Kind, 42).Merge(Some.Fact(Kind, 42, ("instore.mobile", "911"), ("instore.email", "a@example.com")), File)!;

    [Theory]
    [InlineData(101, "922")]
    [InlineData(100, "922")]
    [InlineData(99, "911")]
    public void The_newest_counts_of_what_events_teach(long createdAt, string mobile)
    {
        var after = Imported.Merge(Some.Fact(Kind, 42, ("instore.mobile", "922")), Learned(createdAt)) ?? Imported;
        Assert.Equal((mobile, "a@example.com"), (after.Values[Mobile], after.Values[Email]));
    }

    [Fact]
    public void An_event_without_a_value_takes_none_away() =>
        Assert.Null(Imported.Merge(Some.Fact(Kind, 42, ("instore.mobile", null)), Learned(200)));

    [Fact]
    public void An_older_event_still_fills_what_nobody_spoke_of() =>
        Assert.Equal("L-9", Imported.Merge(Some.Fact(Kind, 42, ("instore.externalId", "L-9")), Learned(1))!.Values[CustomerFields.ExternalId]);

    [Fact]
    public void What_somebody_took_out_an_older_event_does_not_bring_back()
    {
        var without = Imported.Merge(Some.Fact(Kind, 42, ("instore.mobile", null)), new FactOrigin(OriginKind.Edited, "Sam", 300))!;
        Assert.Null(without.Merge(Some.Fact(Kind, 42, ("instore.mobile", "911")), Learned(299)));
        Assert.NotNull(without.Merge(Some.Fact(Kind, 42, ("instore.mobile", "911")), Learned(301)));
    }

    [Fact]
    public void Each_fact_says_where_it_came_from_also_when_it_was_stored_in_between()
    {
        var learned = Imported.Merge(Some.Fact(Kind, 42, ("instore.email", "b@example.com")), Learned(150))!;
        var record = new DirectoryRecord(Kind, 42, RecordJson.Read(Kind, learned.Json.Bytes), (learned.Origin!.Text, learned.Origin.At), learned.Exceptions, learned.LearnsAfter);

        Assert.Equal(learned.Values, record.Values);

        Assert.Equal(File, record.OriginOf(Mobile));
        Assert.Equal(Learned(150), record.OriginOf(Email));
        Assert.Null(record.OriginOf(CustomerFields.ExternalId));
    }

    [Fact]
    public void Of_balances_and_awards_the_newest_counts_and_so_many_are_kept()
    {
        var record = Imported.With(new CustomerPoints(3, 10, "learned:a:b", 20))!;
        Assert.Null(record.With(new CustomerPoints(3, 99, "learned:a:old", 19)));
        record = record.With(new CustomerPoints(4, 1, "learned:a:c", 21))!.With(new CustomerPoints(3, 11, "learned:a:d", 22))!;
        Assert.Equal([(4, 1.0), (3, 11.0)], Stored(record).Points.Select(p => (p.ProgramId, p.Available)));

        for (var i = 0; i < 30; i++) record = record.With(new AwardedReference($"log-{i}", $"{i}", i % 2 == 0 ? null : "POINT_AWARDED", "learned:a:e", 100 + i))!;
        Assert.Equal(Enumerable.Range(10, DirectoryLists.MaxAwards).Select(i => $"{i}"), Stored(record).Awards.Select(a => a.Reference));
        foreach (var known in new[] { record, Stored(record) })
            Assert.Equal(("29", "POINT_AWARDED", null), (known.AwardOf("log-29")!.Reference, known.AwardOf("log-29")!.ReferenceType, known.AwardOf("log-3")?.Reference));
        Assert.Null(record.With(new AwardedReference("log-29", "other", null, "learned:a:f", 128)));

        var left = Stored(record).Forget(120);
        Assert.Equal((0, 9), (left.Points.Count, left.Awards.Count));
        Assert.Null(left.With(new CustomerPoints(3, 10, "learned:a:g", 120)));
        Assert.NotNull(left.With(new CustomerPoints(3, 10, "learned:a:g", 121)));

        static DirectoryRecord Stored(DirectoryRecord record) => new(Kind, 42, RecordJson.Read(Kind, record.Json.Bytes), (record.Origin!.Text, record.Origin.At), record.Exceptions, record.LearnsAfter);
    }

    [Fact]
    public void Forgetting_up_to_a_moment_keeps_what_was_said_later()
    {
        var learned = Imported.Merge(Some.Fact(Kind, 42, ("instore.email", "b@example.com")), Learned(150))!;
        var record = learned.Forget(149);
        Assert.Equal((null, "b@example.com", Learned(150), 149L), (record.Values[Mobile], record.Values[Email], record.OriginOf(Email), record.LearnsAfter));
        Assert.Null(record.OriginOf(Mobile));
        Assert.Equal((false, 99L), (learned.Forget(99).IsForgotten, learned.Forget(99).LearnsAfter));
        Assert.Equal(learned.Values, learned.Forget(99).Values);
        foreach (var until in new[] { 150, DirectoryRecord.Never })
            Assert.Equal((true, until, null), (learned.Forget(until).IsForgotten, learned.Forget(until).LearnsAfter, learned.Forget(until).Values[Email]));
    }

    [Fact]
    public void The_same_again_changes_nothing()
    {
        Assert.Null(Imported.Merge(Some.Fact(Kind, 42, ("instore.mobile", "911")), new FactOrigin(OriginKind.Imported, "13", 500)));
        Assert.Null(Imported.Merge(Some.Fact(Kind, 42, ("instore.mobile", "911")), Learned(500)));
    }

    [Fact]
    public void An_event_adds_to_cards_and_accounts_and_a_file_replaces_them()
    {
        var two = """[{"number":"1"},{"number":"2"}]""";
        var record = DirectoryRecord.Empty(Kind, 42).Merge(Some.Fact(Kind, 42, ("instore.cards", two), ("wechat", """[{"accountId":"a","identifiers":[{"identifierType":"openid","identifierValue":"o-1"}]}]""")), File)!;

        var learned = record.Merge(Some.Fact(Kind, 42, ("instore.cards", """[{"number":"3"}]"""), ("wechat", """[{"accountId":"a","identifiers":[{"identifierType":"unionid","identifierValue":"u-1"}]}]""")), Learned(200))!;

        Assert.Equal("""[{"number":"1"},{"number":"2"},{"number":"3"}]""", learned.Values[CustomerFields.Cards]);
        Assert.Equal("""[{"accountId":"a","identifiers":[{"identifierType":"openid","identifierValue":"o-1"},{"identifierType":"unionid","identifierValue":"u-1"}]}]""", learned.Values[Kind.IndexOf("wechat")]);
        Assert.Null(learned.Merge(Some.Fact(Kind, 42, ("instore.cards", """[{"number":"2"}]""")), Learned(300)));
        Assert.Equal(two, learned.Merge(Some.Fact(Kind, 42, ("instore.cards", two)), new FactOrigin(OriginKind.Imported, "13", 400))!.Values[CustomerFields.Cards]);
    }

    [Fact]
    public void However_many_cards_and_accounts_events_teach_only_the_newest_stay()
    {
        var record = Imported;
        for (var i = 1; i <= 60; i++)
        {
            record = record.Merge(Some.Fact(Kind, 42, ("instore.cards", $$"""[{"number":"{{i}}"}]"""),
                ("wechat", $$"""[{"accountId":"a-{{i}}","identifiers":[{"identifierType":"openid","identifierValue":"o"}]}]"""),
                ("line", $$"""[{"identifiers":[{"identifierType":"kind-{{99 - i}}","identifierValue":"{{i}}"}]}]""")), Learned(200 + i))!;
        }

        Assert.Equal(Enumerable.Range(11, 50).Select(i => $"{i}"), DirectoryLists.Cards(record.Values[CustomerFields.Cards]).Select(c => c.Number));
        Assert.Equal(Enumerable.Range(41, 20).Select(i => $"a-{i}"), DirectoryLists.Accounts(record.Values[Kind.IndexOf("wechat")]).Select(a => a.AccountId));
        var identifiers = DirectoryLists.Accounts(record.Values[Kind.IndexOf("line")]).Single().Identifiers;
        Assert.Equal((20, true), (identifiers.Count, identifiers.Any(i => i.IdentifierValue == "60")));
    }

    [Fact]
    public void A_record_is_found_by_each_of_its_identifiers_and_a_name_by_each_word()
    {
        var words = new HashSet<string>();
        SearchWords.Collect(Kind, DirectoryRecord.Empty(Kind, 42).Merge(Some.Fact(Kind, 42, ("instore.email", " A@Example.com"), ("instore.cards", """[{"number":"C1","externalId":"X1"}]"""),
            ("line", """[{"identifiers":[{"identifierType":"lineId","identifierValue":"L-7"}]}]""")), File)!.Values, words);
        Assert.Equal(["a@example.com", "c1", "l-7", "x1"], words.Order());

        words.Clear();
        SearchWords.Collect(DirectoryKind.Stores, Some.Fact(DirectoryKind.Stores, 1, ("name", "Old Harbour Road"), ("code", "HC 1")).Values, words);
        Assert.Equal(["harbour road", "hc 1", "old harbour road", "road"], words.Order());
    }

    private static FactOrigin Learned(long createdAt) => FactOrigin.Learned("customerUpdated", "e-1", createdAt);
}
