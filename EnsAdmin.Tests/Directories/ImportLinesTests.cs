using System.Text;
using EnsAdmin.Directories;
using EnsAdmin.Domain;

namespace EnsAdmin.Tests.Directories;

public sealed class ImportLinesTests
{
    [Fact]
    public void A_CSV_goes_by_the_names_of_its_columns()
    {
        var change = Assert.Single(Csv("Customer ID;Mobile;E-mail;externalId;card_numbers;cardExternalIds;wechat.accountId;wechat.openid;web_engage.cuid;Shoe size\n42;911;a@example.com;L-9;1|2;X1;acc;o-1;c-1;44\n")).Change!;

        Assert.Equal(42, change.Id);
        Assert.Equal(("911", "a@example.com", "L-9"), (change.Values[CustomerFields.Mobile], change.Values[CustomerFields.Email], change.Values[CustomerFields.ExternalId]));
        Assert.Equal("""[{"number":"1","externalId":"X1"},{"number":"2"}]""", change.Values[CustomerFields.Cards]);
        Assert.Equal("""[{"accountId":"acc","identifiers":[{"identifierType":"openid","identifierValue":"o-1"}]}]""", change.Values[DirectoryKind.Customers.IndexOf("wechat")]);
        Assert.Equal("""[{"identifiers":[{"identifierType":"cuid","identifierValue":"c-1"}]}]""", change.Values[DirectoryKind.Customers.IndexOf("web_engage")]);
    }

    [Fact]
    public void An_empty_cell_says_nothing()
    {
        var change = Assert.Single(Csv("customerId,mobile,email\n42,,a@example.com\n")).Change!;
        Assert.False(change.Has(CustomerFields.Mobile));
        Assert.True(change.Has(CustomerFields.Email));
    }

    [Fact]
    public void A_mapping_goes_before_the_names()
    {
        var change = Assert.Single(Csv("a,b,mobile\n42,911,922\n", new() { ["customerId"] = "a", ["instore.mobile"] = "b" })).Change!;
        Assert.Equal((42, "911"), (change.Id, change.Values[CustomerFields.Mobile]));
    }

    [Fact]
    public void Quotes_commas_and_breaks_inside_of_them_stay_what_they_are()
    {
        var lines = Csv("customerId,address,externalId\n1,\"Quay 1,\nHarbour\",\"say \"\"hi\"\"\"\n2,\"\",x\n");
        Assert.Equal(["say \"hi\"", "x"], lines.Select(l => l.Change!.Values[CustomerFields.ExternalId]));
        Assert.Equal([2, 4], lines.Select(l => l.Number));
    }

    [Theory]
    [InlineData("42,911,x", "", "The line has 3 columns where the first line names 2.")]
    [InlineData("forty-two,911", "customerId", "customerId must be a whole number from 0 on.")]
    [InlineData("-1,911", "customerId", "customerId must be a whole number from 0 on.")]
    [InlineData("42,\"9\n11\"", "mobile", "mobile must be on one line, without control characters.")]
    [InlineData("42,\"9\r\n11\"", "mobile", "mobile must be on one line, without control characters.")]
    [InlineData("42,\"9\r11\"", "", LineReader.StrayReturn)]
    [InlineData("42,\"911", "", LineReader.OpenQuote)]
    public void A_bad_line_is_refused_with_its_place_and_the_next_is_good(string line, string column, string reason)
    {
        var lines = Csv($"customerId,mobile\n{line}\n7,900\n");
        Assert.Equal((2, column, reason), (lines[0].Number, Assert.Single(lines[0].Faults).Column, lines[0].Faults[0].Reason));
        Assert.Equal(7, lines[^1].Change!.Id);
    }

    [Fact]
    public void A_line_in_another_encoding_is_refused_and_the_rest_is_good()
    {
        byte[] file = [.. "customerId,externalId\n1,"u8, 0xE9, .. "\n2,é\n"u8];
        var lines = ImportLines.Read(new MemoryStream(file), DirectoryKind.Customers, ImportFormat.Csv, null).ToList();
        Assert.StartsWith("The line is not UTF-8", Assert.Single(lines[0].Faults).Reason, StringComparison.Ordinal);
        Assert.Equal("é", lines[1].Change!.Values[CustomerFields.ExternalId]);
    }

    [Theory]
    [InlineData("", "The file is empty.")]
    [InlineData("mobile,email\n1,2\n", "No column holds the customerId. The file has: mobile, email.")]
    [InlineData("customerId,x,x\n1,2,3\n", "Two columns are called 'x'.")]
    public void A_file_that_cannot_be_read_says_why(string file, string reason) =>
        Assert.Equal(reason, Assert.Throws<UnreadableFileException>(() => Csv(file)).Message);

    [Fact]
    public void The_preview_refuses_what_the_import_would() =>
        Assert.Equal("Two columns are called 'x'.", Assert.Throws<UnreadableFileException>(() => ImportLines.Preview(new MemoryStream("customerId,x,x\n1,2,3\n"u8.ToArray()), 10)).Message);

    [Fact]
    public void A_mapped_column_that_is_missing_is_named() =>
        Assert.Equal("There is no column 'Phone'. The file has: customerId, Mobile.", Assert.Throws<UnreadableFileException>(() => Csv("customerId,Mobile\n1,2\n", new() { ["customerId"] = "customerId", ["instore.mobile"] = "Phone" })).Message);

    [Fact]
    public void NDJSON_says_each_fault_with_its_pointer()
    {
        var lines = Ndjson("""
            {"customerId":1,"instore":{"mobile":"911","cards":["1",{"number":"2","externalId":"X"}]},"line":{"accounts":[{"identifiers":[{"identifierType":"lineId","identifierValue":"L"}]}]}}
            {"customerId":2,"instore":{"mobile":7,"phone":"1"},"shoeSize":44}
            {"customerId":3
            {"instore":{}}
            """);
        Assert.Equal("911", lines[0].Change!.Values[CustomerFields.Mobile]);
        Assert.Equal("""[{"number":"1"},{"number":"2","externalId":"X"}]""", lines[0].Change!.Values[CustomerFields.Cards]);
        Assert.Equal(["/instore/mobile", "/instore/phone", "/shoeSize"], lines[1].Faults.Select(f => f.Column));
        Assert.Equal("This is not whole JSON: it ends before it is complete.", Assert.Single(lines[2].Faults).Reason);
        Assert.Equal("customerId is required, but missing.", Assert.Single(lines[3].Faults).Reason);
    }

    [Theory]
    [InlineData("""[{"customerId":1},{"customerId":2}]""")]
    [InlineData("[\n{\"customerId\":1},\n{\"customerId\":2}\n]")]
    [InlineData("{\n\"customerId\":1\n}")]
    public void One_JSON_document_is_said_to_be_no_NDJSON_and_not_refused_line_by_line(string file) =>
        Assert.Contains("one JSON object a line", Assert.Throws<UnreadableFileException>(() => Ndjson(file)).Message);

    [Fact]
    public void A_file_whose_lines_end_with_CR_alone_shows_its_columns_and_rows()
    {
        var (heads, rows) = ImportLines.Preview(new MemoryStream("customerId,mobile\r1,111\r2,222\r"u8.ToArray()), 10);
        Assert.Equal(["customerId", "mobile"], heads);
        Assert.Equal([["1", "111"], ["2", "222"]], rows);
    }

    [Fact]
    public void Many_lines_come_out_in_their_order_however_they_are_read()
    {
        var file = new StringBuilder("customerId,externalId\n");
        for (var i = 1; i <= 3000; i++) file.Append(i % 7 == 0 ? "x,bad\n" : $"{i},{new string('e', i % 190)}{i}\n");
        var lines = Csv(file.ToString());
        Assert.Equal(Enumerable.Range(2, 3000).Select(n => (long)n), lines.Select(l => l.Number));
        Assert.All(lines, l => Assert.Equal((l.Number - 1) % 7 == 0, l.Change is null));
        Assert.All(lines.Where(l => l.Change is not null), l => Assert.Equal(l.Number - 1, l.Change!.Id));
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+4917", "'+4917")]
    [InlineData("@cmd", "'@cmd")]
    [InlineData("-1,\"x\"", "\"'-1,\"\"x\"\"\"")]
    [InlineData("plain", "plain")]
    public void A_cell_of_the_refused_list_is_never_a_formula(string value, string cell) => Assert.Equal(cell, RefusedFile.Cell(value));

    private static List<ImportLine> Csv(string text, Dictionary<string, string>? mapping = null) =>
        [.. ImportLines.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), DirectoryKind.Customers, ImportFormat.Csv, mapping)];

    private static List<ImportLine> Ndjson(string text) => [.. ImportLines.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), DirectoryKind.Customers, ImportFormat.Ndjson, null)];
}
