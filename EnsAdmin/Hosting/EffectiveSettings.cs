using EnsAdmin.Network;

namespace EnsAdmin.Hosting;

/// <summary>A setting as it holds in this run.</summary>
/// <param name="Value">Without anything secret: of a secret, whether there is one.</param>
public sealed record EffectiveSetting(string Key, string Value, bool IsDefault);

/// <summary>All settings as they hold in this run: what the configuration says, and the defaults of the rest.</summary>
public sealed class EffectiveSettings(IConfiguration configuration)
{
    public IReadOnlyList<EffectiveSetting> All() =>
    [
        Of("Urls", ListenAddresses.DefaultUrl, isSecret: false),
        .. Setting.All().Select(s => Of(s.Key, s.Default, s.IsSecret)),
    ];

    private EffectiveSetting Of(string key, string otherwise, bool isSecret)
    {
        var value = configuration[key] is { Length: > 0 } given ? given : otherwise;
        return new(key, isSecret ? value.Length > 0 ? "secret" : "" : value, value == otherwise);
    }
}
