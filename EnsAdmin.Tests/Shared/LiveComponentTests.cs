using Bunit;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Shared;

public sealed class LiveComponentTests : MudTestBase
{
    private ChangeFeed Feed => Services.GetRequiredService<ChangeFeed>();

    [Fact]
    public void A_change_reads_the_data_again_and_shows_it()
    {
        var page = Render<Live>();

        Feed.Publish("topic");
        Clock.Advance(ChangeFeed.Window);

        page.WaitForAssertion(() => Assert.Equal("1", page.Markup));
    }

    [Fact]
    public async Task A_page_that_was_left_reads_nothing_more()
    {
        var page = Render<Live>().Instance;
        await DisposeComponentsAsync();

        Feed.Publish("topic");
        Clock.Advance(ChangeFeed.Window);

        Assert.Equal(0, page.Reads);
    }

    [Fact]
    public void Prerendering_does_not_listen()
    {
        SetRendererInfo(new RendererInfo("Static", isInteractive: false));
        var page = Render<Live>().Instance;

        Feed.Publish("topic");
        Clock.Advance(ChangeFeed.Window);

        Assert.Equal(0, page.Reads);
    }

    private sealed class Live : LiveComponentBase
    {
        public int Reads { get; private set; }

        protected override void OnInitialized() => Watch("topic");

        protected override Task RefreshAsync()
        {
            Reads++;
            return Task.CompletedTask;
        }

        protected override void BuildRenderTree(RenderTreeBuilder builder) => builder.AddContent(0, Reads);
    }
}
