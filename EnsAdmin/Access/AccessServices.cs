namespace EnsAdmin.Access;

public static class AccessServices
{
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        ApiKeys.AddScheme(services);
        return services.AddSingleton<AccessTable>().AddSingleton<Audit>().AddSingleton<AuditLog>().AddSingleton<OrganizationStore>().AddSingleton<KeyStore>().AddSingleton<KeyUses>()
            .AddSingleton<Sessions>().AddScoped<Visitor>().AddHostedService<AccessWatch>();
    }
}
