using EnsAdmin.Directories;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Directories;

public sealed class RecordFormTests
{
    private const string Cards = """[{"number":"1,2"},{"number":"7","externalId":"X"}]""";
    private const string WeChat = """[{"accountId":"x, y","identifiers":[{"identifierType":"openid","identifierValue":"o,1"}]}]""";

    [Fact]
    public void What_is_not_touched_is_not_read_whatever_commas_are_in_it()
    {
        var form = Form();
        form.Texts[CustomerFields.Mobile] = "922";
        var (change, errors) = form.Read();
        Assert.Empty(errors);
        Assert.Equal(("922", 1 << CustomerFields.Mobile), (change!.Values[CustomerFields.Mobile], change.Given));
    }

    [Fact]
    public void Lines_that_stand_beside_a_new_one_stay_what_they_were()
    {
        var (form, wechat) = (Form(), DirectoryKind.Customers.IndexOf("wechat"));
        form.Texts[CustomerFields.Cards] += "\n8, Y";
        form.Texts[wechat] += "\nhc, unionid, u-1";
        var (change, errors) = form.Read();
        Assert.Empty(errors);
        Assert.Equal("""[{"number":"1,2"},{"number":"7","externalId":"X"},{"number":"8","externalId":"Y"}]""", change!.Values[CustomerFields.Cards]);
        Assert.Equal(WeChat[..^1] + """,{"accountId":"hc","identifiers":[{"identifierType":"unionid","identifierValue":"u-1"}]}]""", change.Values[wechat]);
    }

    private static RecordForm Form() => new(DirectoryKind.Customers,
        DirectoryRecord.Empty(DirectoryKind.Customers, 42).Merge(Some.Fact(DirectoryKind.Customers, 42, ("instore.mobile", "911"), ("instore.cards", Cards), ("wechat", WeChat)), FactOrigin.Api("ens_test", DateTimeOffset.UnixEpoch)));
}
