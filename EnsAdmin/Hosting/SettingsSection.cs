using Microsoft.Extensions.Options;

namespace EnsAdmin.Hosting;

/// <summary>An options type and the section it is read from.</summary>
/// <param name="RulesBroken">What the type's own <see cref="IValidateOptions{T}"/> find in its bound values.</param>
public sealed record SettingsSection(string Path, Type Type, Func<IServiceProvider, IEnumerable<string>> RulesBroken);

public static class SettingsSections
{
    /// <summary>Binds the type to its section of the configuration, and has the section checked at start: names, forms,
    /// the validation attributes of each property, then any <see cref="IValidateOptions{T}"/>.</summary>
    /// <param name="section">Starts with <c>Ens</c>; several types may share one.</param>
    public static IServiceCollection AddEnsOptions<T>(this IServiceCollection services, string section) where T : class
    {
        services.AddOptions<T>().BindConfiguration(section);
        return services.AddSingleton(new SettingsSection(section, typeof(T), RulesBroken<T>));
    }

    private static IEnumerable<string> RulesBroken<T>(IServiceProvider services) where T : class
    {
        try
        {
            _ = services.GetRequiredService<IOptions<T>>().Value;
            return [];
        }
        catch (OptionsValidationException e)
        {
            return e.Failures;
        }
    }
}
