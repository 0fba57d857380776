using Bunit;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.Shared;

public sealed class CopyButtonTests : MudTestBase
{
    [Fact]
    public void It_copies_its_text_says_so_and_offers_itself_again()
    {
        var copy = JSInterop.Setup<bool>("ensAdmin.copy", "secret text").SetResult(true);
        var button = Render<CopyButton>(p => p.Add(b => b.Text, "secret text"));
        Assert.Equal("Copy", Label(button));

        button.Find("button").Click();

        Assert.Single(copy.Invocations);
        Assert.Equal("Copied", Label(button));
        Clock.Advance(TimeSpan.FromSeconds(2));
        button.WaitForAssertion(() => Assert.Equal("Copy", Label(button)));
    }

    [Fact]
    public void It_says_when_the_browser_refused()
    {
        JSInterop.Setup<bool>("ensAdmin.copy", "x").SetResult(false);
        var button = Render<CopyButton>(p => p.Add(b => b.Text, "x"));

        button.Find("button").Click();

        Assert.Equal("Could not copy", Label(button));
    }

    private static string Label(IRenderedComponent<CopyButton> button) => button.Find("button").TextContent.Trim();
}
