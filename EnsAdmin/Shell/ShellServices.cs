using EnsAdmin.Shared;
using Microsoft.Extensions.DependencyInjection.Extensions;
using MudBlazor;
using MudBlazor.Services;

namespace EnsAdmin.Shell;

public static class ShellServices
{
    public static IServiceCollection AddShell(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ChangeFeed>();
        return services.AddMudServices(o =>
        {
            o.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.TopRight;
            o.SnackbarConfiguration.PreventDuplicates = true;
            o.SnackbarConfiguration.MaximumOpacity = 100;
            // They lie over the page: few at once, and not for long.
            o.SnackbarConfiguration.MaxDisplayedSnackbars = 2;
            o.SnackbarConfiguration.VisibleStateDuration = 4_000;
            o.SnackbarConfiguration.ShowTransitionDuration = 150;
            o.SnackbarConfiguration.HideTransitionDuration = 300;
        });
    }
}
