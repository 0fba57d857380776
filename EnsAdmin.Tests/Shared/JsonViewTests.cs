using Bunit;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Shared;

public sealed class JsonViewTests : MudTestBase
{
    [Fact]
    public void Objects_and_arrays_are_laid_out_over_lines()
    {
        var view = Render<JsonView>(p => p.Add(v => v.Json, """{"a":{"b":[1,{"c":null}]},"d":"e"}"""));

        Assert.Equal(
            """
            {
              "a": {
                "b": [
                  1,
                  {
                    "c": null
                  }
                ]
              },
              "d": "e"
            }
            """, view.Find("pre").TextContent, ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Every_kind_of_value_has_its_colour()
    {
        var view = Render<JsonView>(p => p.Add(v => v.Json, """{"name":"Pier 4","points":120,"gone":true}"""));

        Assert.Equal(["\"name\"", "\"points\"", "\"gone\""], view.FindAll(".ens-json-key").Select(e => e.TextContent));
        Assert.Equal("\"Pier 4\"", view.Find(".ens-json-text").TextContent);
        Assert.Equal("120", view.Find(".ens-json-number").TextContent);
        Assert.Equal("true", view.Find(".ens-json-literal").TextContent);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"a":1""")]
    [InlineData("""{"a":1} trailing""")]
    [InlineData("<html> &amp; more")]
    public void What_is_not_JSON_is_shown_as_it_came(string text)
    {
        var view = Render<JsonView>(p => p.Add(v => v.Json, text));

        Assert.Equal(text, view.Find("pre").TextContent);
        Assert.Empty(view.FindAll("span"));
    }

    [Theory]
    [InlineData("12345678901234567890.10")]
    [InlineData("1E400")]
    [InlineData("\"caf\\u00e9 \\/ \\\"quoted\\\"\"")]
    [InlineData("\"日本 🙂\"")]
    [InlineData("{}")]
    [InlineData("[]")]
    public void Values_keep_the_characters_they_were_written_with(string json) =>
        Assert.Equal(json, Render<JsonView>(p => p.Add(v => v.Json, json)).Find("pre").TextContent);

    [Fact]
    public void Markup_in_a_payload_stays_text()
    {
        var view = Render<JsonView>(p => p.Add(v => v.Json, """{"a":"<script>alert(1)</script>"}"""));

        Assert.Empty(view.FindAll("script"));
        Assert.Contains("<script>alert(1)</script>", view.Find("pre").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_payload_replaces_the_old_one()
    {
        var view = Render<JsonView>(p => p.Add(v => v.Json, "1"));

        view.Render(p => p.Add(v => v.Json, "2"));

        Assert.Equal("2", view.Find("pre").TextContent);
    }

    [Fact]
    public void A_view_that_scrolls_shows_what_was_newly_added()
    {
        var view = Render<JsonView>(p => p.Add(v => v.MaxHeight, "360px").Add(v => v.Json, """{"a":1}""").Add(v => v.Original, """{"a":1}"""));
        Assert.Empty(Shown());
        view.Render(p => p.Add(v => v.Json, """{"a":1,"b":2}"""));
        view.Render(p => p.Add(v => v.Json, """{"a":1,"b":2,"c":3}"""));
        view.Render(p => p.Add(v => v.Json, """{"a":1,"b":2}"""));
        view.Render(p => p.Add(v => v.Json, """{"b":2,"a":1}""").Add(v => v.Original, """{"b":2}"""));
        view.Render(p => p.Add(v => v.Json, """{"b":2}"""));
        Assert.Equal([0, 2, 1, 0], Shown());

        IEnumerable<object?> Shown() => JSInterop.Invocations.Where(i => i.Identifier == "ensAdmin.showMark").Select(i => i.Arguments[1]);
    }

    [Fact]
    public void What_was_added_to_another_text_is_marked_and_nothing_else()
    {
        var view = Render<JsonView>(p => p.Add(v => v.Json, """{"a":{"b":1,"c":[true]},"list":[{"x":"1"},{"y":2}],"d":{"e":null}}""").Add(v => v.Original, """{"a":{"b":1},"list":[{"x":"1"}]}"""));
        Assert.Equal(["\"c\"", "true", "\"y\"", "2", "\"d\"", "\"e\"", "null"], view.FindAll("ins").Select(e => e.TextContent));
        view.Render(p => p.Add(v => v.Original, (string?)null));
        Assert.Empty(view.FindAll("ins"));
    }
}
