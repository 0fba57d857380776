using Microsoft.Extensions.Options;

namespace EnsAdmin.Dispatch;

public static class DispatchServices
{
    public static IServiceCollection AddDispatch(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<DeliveryOptions>, DeliveryOptionsRules>();
        services.AddSingleton(Jitter.Random);
        services.AddSingleton<DueBoard>();
        services.AddSingleton<Resolve>(new NameLookup(System.Net.Dns.GetHostAddresses).ResolveAsync);
        services.AddSingleton<AddressGuard>();
        services.AddSingleton<WebhookConnections>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<DispatchMetrics>();
        services.AddSingleton<Recorder>();
        services.AddSingleton<QueueCare>();
        services.AddSingleton<SlaWatch>();
        services.AddSingleton<ClockWatch>();
        services.AddSingleton<Retention>();
        services.AddSingleton<Dispatcher>();
        // Pages that stay open must not use up the time that calls in flight are given.
        services.AddOptions<HostOptions>().Configure<IOptions<DeliveryOptions>>((host, delivery) =>
        {
            host.ServicesStopConcurrently = true;
            host.ShutdownTimeout = delivery.Value.ShutdownGrace + TimeSpan.FromSeconds(5);
        });
        services.AddHostedService<Maintenance>(); // Before the dispatcher: it loads what is due.
        services.AddHostedService(s => s.GetRequiredService<Dispatcher>());
        return services;
    }
}
