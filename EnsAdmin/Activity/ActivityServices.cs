namespace EnsAdmin.Activity;

public static class ActivityServices
{
    public static IServiceCollection AddActivity(this IServiceCollection services) => services.AddSingleton<DeliveryLog>().AddSingleton<EventLog>();
}
