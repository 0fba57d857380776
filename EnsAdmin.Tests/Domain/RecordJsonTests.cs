using System.Text;
using System.Text.Json;
using EnsAdmin.Domain;

namespace EnsAdmin.Tests.Domain;

/// <summary>How a customer is stored: JSON that a payload takes as it is.</summary>
public sealed class RecordJsonTests
{
    private static readonly DirectoryKind Kind = DirectoryKind.Customers;

    [Theory]
    [InlineData("911")]
    [InlineData("quote \" and \\ back")]
    [InlineData("Zoë 漢字 😀")]
    [InlineData("\ttab\u0001")]
    [InlineData("")]
    public void A_text_comes_back_and_is_valid_JSON_in_between(string text)
    {
        var values = new string?[Kind.Fields.Count];
        (values[CustomerFields.InstoreId], values[CustomerFields.Email], values[CustomerFields.Cards]) = ("7", text, """[{"number":"1"}]""");
        var json = RecordJson.Read(Kind, RecordJson.Of(Kind, values).Bytes);

        Assert.Equal(("7", text, """[{"number":"1"}]""", null), (json.Value(CustomerFields.InstoreId), json.Value(CustomerFields.Email), json.Value(CustomerFields.Cards), json.Value(CustomerFields.Mobile)));
        Assert.Equal(text, JsonElement.Parse(json[CustomerFields.Email]).GetString());
        Assert.True(json[CustomerFields.Mobile].IsEmpty);
    }

    [Fact]
    public void Other_names_and_another_order_do_no_harm()
    {
        var json = RecordJson.Read(Kind, Encoding.UTF8.GetBytes("""{ "Email" : "a@example.com", "Later": {"Mobile":"no"}, "Mobile" : "911", "ExternalId": null, "InstoreId": 3 }"""));
        Assert.Null(json.Value(CustomerFields.ExternalId));
        Assert.Equal((Kind.Fields.Count, Kind.Fields.Count + 1), (CustomerFields.Points, CustomerFields.Awards));
        Assert.Equal(("a@example.com", "911", "3", null), (json.Value(CustomerFields.Email), json.Value(CustomerFields.Mobile), json.Value(CustomerFields.InstoreId), json.Value(CustomerFields.Awards)));
    }
}
