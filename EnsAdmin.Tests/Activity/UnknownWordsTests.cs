using EnsAdmin.Activity;

namespace EnsAdmin.Tests.Activity;

public sealed class UnknownWordsTests
{
    [Theory]
    [InlineData("till 99 unknown|customer 42 unknown", "till 99 unknown · customer 42 unknown")]
    [InlineData("InStore, WeChat, LINE identifiers of customer 42 unknown", "InStore, WeChat, LINE identifiers of customer 42 unknown")]
    [InlineData("InStore, WeChat, LINE, JD identifiers of customer 42 unknown", "InStore, WeChat and 2 more identifiers of customer 42 unknown")]
    [InlineData("customer 1 unknown|customer 2 unknown|customer 3 unknown|customer 4 unknown|customer 5 unknown", "customer 1 unknown · customer 2 unknown · customer 3 unknown · 2 more")]
    public void Many_sources_and_many_notes_are_counted(string notes, string brief) => Assert.Equal(brief, UnknownWords.Brief(notes.Split('|')));
}
