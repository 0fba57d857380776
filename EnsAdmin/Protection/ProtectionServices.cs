using EnsAdmin.Data;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Protection;

public static class ProtectionServices
{
    /// <summary>After the data: seals its keys, and lets them be rotated.</summary>
    public static IServiceCollection AddProtection(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<ProtectionOptions>, ProtectionRules>().AddSingleton<IValidateOptions<FormerProtectionOptions>, ProtectionRules>();
        services.AddSingleton<KeySeals>();
        services.AddOptions<KeyManagementOptions>().Configure<KeySeals>((keys, seals) => keys.XmlEncryptor = seals.Own is { } own ? new SealedKeyWriter(own) : null);
        services.AddSingleton(s => new KeyRing(ActivatorUtilities.CreateInstance<XmlKeyManager>(s)));
        services.Replace(ServiceDescriptor.Singleton<IKeyManager>(s => s.GetRequiredService<KeyRing>()));
        services.AddSingleton(s => new KeyRotation(s.GetRequiredService<KeyRing>(), s.GetRequiredService<KeySeals>(), s.GetRequiredService<ProtectedValues>(), s.GetRequiredService<DataDirectory>()));
        return services.AddHostedService<KeyWatch>();
    }
}
