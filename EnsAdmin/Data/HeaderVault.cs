using Microsoft.AspNetCore.DataProtection;

namespace EnsAdmin.Data;

/// <summary>Encrypts the values of webhook headers; the keys lie in the data directory.</summary>
public sealed class HeaderVault(IDataProtectionProvider provider)
{
    internal const string Purpose = "WebhookHeaders";

    private readonly IDataProtector _protector = provider.CreateProtector(Purpose);

    public string Protect(string value) => _protector.Protect(value);

    /// <exception cref="System.Security.Cryptography.CryptographicException">The key that encrypted it is gone.</exception>
    public string Unprotect(string protectedValue) => _protector.Unprotect(protectedValue);
}
