using Bunit;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace EnsAdmin.Tests.Shared;

public sealed class ConfirmDialogTests : MudTestBase
{
    [Theory]
    [InlineData("Delete", true)]
    [InlineData("Cancel", false)]
    public async Task The_answer_is_the_button_pressed(string pressed, bool answer)
    {
        Task<bool> asking = null!;
        await Dialogs.InvokeAsync(() =>
        {
            asking = ConfirmDialog.AskAsync(Services.GetRequiredService<IDialogService>(), "Delete orders-prod?", "Waiting deliveries are cancelled.", "Delete", danger: true);
        });
        Dialogs.WaitForAssertion(() => Assert.Contains("Delete orders-prod?", Dialogs.Markup, StringComparison.Ordinal));

        await Dialogs.FindAll("button").Single(b => b.TextContent.Trim() == pressed).ClickAsync(new());

        Assert.Equal(answer, await asking);
    }
}
