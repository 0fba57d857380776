using Bunit;
using EnsAdmin.Shared;
using EnsAdmin.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor;
using MudBlazor.Services;

namespace EnsAdmin.Tests.Support;

/// <summary>Renders components as in a running circuit. Select items and menus appear in <see cref="Popovers"/>, dialogs in <see cref="Dialogs"/>.</summary>
public abstract class MudTestBase : BunitContext, IAsyncLifetime
{
    protected MudTestBase()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        JSInterop.AddInvocationHandler(new ReplacedQuery(() => Services.GetRequiredService<NavigationManager>()));
        Services.AddSingleton<TimeProvider>(Clock);
        Services.AddShell();
        // The providers are rendered beside the component under test, not around it.
        Services.Configure<PopoverOptions>(o => o.CheckForPopoverProvider = false);
    }

    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 14, 10, 41, 7, TimeSpan.Zero));

    protected IRenderedComponent<MudPopoverProvider> Popovers { get; private set; } = null!;

    protected IRenderedComponent<MudDialogProvider> Dialogs { get; private set; } = null!;

    public ValueTask InitializeAsync()
    {
        // Not in the constructor: it closes the services to the tests' own.
        SetRendererInfo(new RendererInfo("Server", isInteractive: true));
        Popovers = Render<MudPopoverProvider>();
        Dialogs = Render<MudDialogProvider>();
        return default;
    }

    // MudBlazor's services can only be disposed asynchronously.
    ValueTask IAsyncDisposable.DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return base.DisposeAsync();
    }
}
