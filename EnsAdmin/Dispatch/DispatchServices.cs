namespace EnsAdmin.Dispatch;

public static class DispatchServices
{
    public static IServiceCollection AddDispatch(this IServiceCollection services)
    {
        services.AddSingleton(Jitter.Random);
        services.AddSingleton<DueBoard>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<Dispatcher>();
        services.AddHostedService<Maintenance>(); // Before the dispatcher: it loads what is due.
        services.AddHostedService(s => s.GetRequiredService<Dispatcher>());
        return services;
    }
}
