using EnsAdmin.Hosting;
using Microsoft.Extensions.Configuration;

namespace EnsAdmin.Tests.Hosting;

public sealed class EffectiveSettingsTests
{
    [Fact]
    public void What_is_set_stands_beside_what_is_not_and_a_secret_only_says_that_there_is_one()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Ens:Retention:Days"] = "90", ["Ens:OpenIdConnect:ClientSecret"] = "hush", ["Urls"] = "http://localhost:5999" }).Build();

        var all = new EffectiveSettings(configuration).All().ToDictionary(s => s.Key);

        Assert.Equal(("90", false), (all["Ens:Retention:Days"].Value, all["Ens:Retention:Days"].IsDefault));
        Assert.Equal(("00:00:30", true), (all["Ens:Delivery:RequestTimeout"].Value, all["Ens:Delivery:RequestTimeout"].IsDefault));
        Assert.Equal(("secret", false), (all["Ens:OpenIdConnect:ClientSecret"].Value, all["Ens:OpenIdConnect:ClientSecret"].IsDefault));
        Assert.Equal("http://localhost:5999", all["Urls"].Value);
        Assert.DoesNotContain(all.Values, s => s.Value.Contains("hush", StringComparison.Ordinal));
        // Files of secrets are named; what would be a secret by its name is marked.
        Assert.All(all.Keys.Where(k => k.EndsWith("Secret", StringComparison.Ordinal) || k.EndsWith("Password", StringComparison.Ordinal) || k.EndsWith("Passphrase", StringComparison.Ordinal)), k => Assert.Contains(all[k].Value, new[] { "", "secret" }));
    }
}
