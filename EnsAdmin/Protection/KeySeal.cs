using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Xml.Linq;

namespace EnsAdmin.Protection;

/// <summary>
/// Closes and opens a piece of a key file: AES-256-GCM under a key of its own, which is wrapped for a certificate by RSA-OAEP or derived from a passphrase by
/// PBKDF2. Whoever changes a sealed file breaks it.
/// </summary>
internal sealed class KeySeal
{
    public const string ElementName = "sealed";

    private const int KeyBytes = 32, SaltBytes = 16;
    private const int Iterations = 600_000;

    private readonly X509Certificate2? _certificate;
    private readonly string _passphrase = "";

    private KeySeal(X509Certificate2? certificate, string passphrase) => (_certificate, _passphrase) = (certificate, passphrase);

    /// <returns>Null where the certificate's key is not RSA.</returns>
    public static KeySeal? Of(X509Certificate2 certificate)
    {
        using var key = certificate.GetRSAPrivateKey();
        return key is null ? null : new KeySeal(certificate, "");
    }

    public static KeySeal Of(string passphrase) => new(null, passphrase);

    public XElement Close(XElement plain)
    {
        var bytes = Encoding.UTF8.GetBytes(plain.ToString(SaveOptions.DisableFormatting));
        byte[] key = RandomNumberGenerator.GetBytes(KeyBytes), salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var element = new XElement(ElementName);
        if (_certificate is { } certificate)
        {
            using var rsa = certificate.GetRSAPublicKey()!;
            element.Add(new XAttribute("certificate", certificate.Thumbprint), new XElement("key", Convert.ToBase64String(rsa.Encrypt(key, RSAEncryptionPadding.OaepSHA256))));
        }
        else
        {
            key = Derive(salt, Iterations);
            element.Add(new XAttribute("iterations", Iterations), new XElement("salt", Convert.ToBase64String(salt)));
        }

        byte[] nonce = RandomNumberGenerator.GetBytes(AesGcm.NonceByteSizes.MaxSize), text = new byte[bytes.Length], tag = new byte[AesGcm.TagByteSizes.MaxSize];
        using var aes = new AesGcm(key, tag.Length);
        aes.Encrypt(nonce, bytes, text, tag);
        element.Add(new XElement("nonce", Convert.ToBase64String(nonce)), new XElement("tag", Convert.ToBase64String(tag)), new XElement("text", Convert.ToBase64String(text)));
        CryptographicOperations.ZeroMemory(bytes);
        CryptographicOperations.ZeroMemory(key);
        return element;
    }

    /// <returns>Null where it was closed with something else, or was changed.</returns>
    public XElement? Open(XElement element)
    {
        try
        {
            if (KeyOf(element) is not { } key) return null;
            byte[] text = Bytes(element, "text"), plain = new byte[text.Length], tag = Bytes(element, "tag");
            using var aes = new AesGcm(key, AesGcm.TagByteSizes.MaxSize);
            aes.Decrypt(Bytes(element, "nonce"), text, tag, plain);
            return XElement.Parse(Encoding.UTF8.GetString(plain));
        }
        catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private byte[]? KeyOf(XElement element)
    {
        if (element.Attribute("iterations") is { } iterations) return _certificate is null ? Derive(Bytes(element, "salt"), int.Parse(iterations.Value, CultureInfo.InvariantCulture)) : null;
        if (_certificate is null || element.Attribute("certificate")?.Value != _certificate.Thumbprint) return null;
        using var rsa = _certificate.GetRSAPrivateKey()!;
        return rsa.Decrypt(Bytes(element, "key"), RSAEncryptionPadding.OaepSHA256);
    }

    private byte[] Derive(byte[] salt, int iterations) => Rfc2898DeriveBytes.Pbkdf2(_passphrase, salt, iterations, HashAlgorithmName.SHA256, KeyBytes);

    private static byte[] Bytes(XElement element, string name) => Convert.FromBase64String(element.Element(name)?.Value ?? "");
}
