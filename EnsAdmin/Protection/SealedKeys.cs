using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Protection;

/// <summary>What the settings seal new key files with, and what they open those with that are there.</summary>
internal sealed class KeySeals
{
    private readonly KeySeal?[] _all;

    /// <exception cref="OptionsValidationException">A setting is wrong.</exception>
    public KeySeals(IOptions<ProtectionOptions> options, IOptions<FormerProtectionOptions> former)
    {
        options.Value.TryMake(ProtectionOptions.Section, out var own, out _);
        former.Value.TryMake(FormerProtectionOptions.Section, out var before, out _);
        (Own, _all) = (own, [own, before]);
    }

    /// <summary>Null where new files are left open.</summary>
    public KeySeal? Own { get; }

    public XElement? Open(XElement element) => _all.Select(seal => seal?.Open(element)).FirstOrDefault(plain => plain is not null);

    /// <summary>Whether a key file is sealed as the settings ask for.</summary>
    public bool IsRight(string file)
    {
        var found = XElement.Load(file).Descendants(KeySeal.ElementName).ToList();
        return Own is null ? found.Count == 0 : found.Count > 0 && found.All(element => Own.Open(element) is not null);
    }
}

/// <summary>Seals a new key on its way to its file.</summary>
internal sealed class SealedKeyWriter(KeySeal seal) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(seal.Close(plaintextElement), typeof(SealedKeyReader));
}

/// <summary>Opens a key; the key file names this type.</summary>
public sealed class SealedKeyReader(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) => services.GetRequiredService<KeySeals>().Open(encryptedElement) ?? throw new CryptographicException("The key file is sealed with something else than the settings name.");
}
