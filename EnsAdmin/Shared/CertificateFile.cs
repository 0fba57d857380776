using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace EnsAdmin.Shared;

/// <summary>A certificate with its private key in files: PEM, or PFX with its password in a file.</summary>
/// <param name="section">The section of the settings that name the files.</param>
public sealed class CertificateFile(string section, string certificate, string? key, string? passwordFile)
{
    /// <summary>Changes with the contents of the files; null where one cannot be read now.</summary>
    public string? Fingerprint()
    {
        try
        {
            return string.Concat(new[] { certificate, key, passwordFile }.Where(f => !string.IsNullOrEmpty(f)).Select(f => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f!)))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <param name="loaded">The certificate with its key first, then those that lead to its root.</param>
    /// <param name="wrong">Which setting names what cannot be used, and why.</param>
    public bool TryLoad([NotNullWhen(true)] out IReadOnlyList<X509Certificate2>? loaded, [NotNullWhen(false)] out string? wrong)
    {
        (loaded, wrong) = (null, null);
        if (!TryRead("Certificate", certificate, out var bytes, out wrong)) return false;
        string? password = null, keyText = null;
        if (!string.IsNullOrEmpty(passwordFile))
        {
            if (!TryRead("PasswordFile", passwordFile, out var line, out wrong)) return false;
            password = Encoding.UTF8.GetString(line).Split('\n')[0].TrimEnd('\r');
        }
        if (!string.IsNullOrEmpty(key))
        {
            if (!TryRead("Key", key, out var pem, out wrong)) return false;
            keyText = Encoding.UTF8.GetString(pem);
        }

        try
        {
            loaded = bytes.AsSpan().IndexOf("-----BEGIN "u8) >= 0 ? Pem(Encoding.UTF8.GetString(bytes), keyText, password) : Pfx(bytes, password);
            if (loaded.Count > 0) return true;
            wrong = Wrong("Certificate", certificate, "has no certificate with a private key");
        }
        catch (CryptographicException e)
        {
            wrong = Wrong("Certificate", certificate, $"cannot be used with its key and password: {e.Message.TrimEnd('.')}");
        }
        catch (ArgumentException)
        {
            wrong = Wrong("Certificate", certificate, $"has no private key that fits; give it as {section}:Key");
        }

        loaded = null;
        return false;
    }

    private static List<X509Certificate2> Pem(string text, string? key, string? password)
    {
        using var own = password is null ? X509Certificate2.CreateFromPem(text, key ?? text) : X509Certificate2.CreateFromEncryptedPem(text, key ?? text, password);
        var all = new X509Certificate2Collection();
        all.ImportFromPem(text);
        // A key that lives in memory alone is not good enough for TLS on Windows.
        return [X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null), .. all.Where(c => c.Thumbprint != own.Thumbprint)];
    }

    private static List<X509Certificate2> Pfx(byte[] bytes, string? password)
    {
        var all = X509CertificateLoader.LoadPkcs12Collection(bytes, password);
        return all.FirstOrDefault(c => c.HasPrivateKey) is { } own ? [own, .. all.Where(c => c != own)] : [];
    }

    private bool TryRead(string name, string file, [NotNullWhen(true)] out byte[]? bytes, [NotNullWhen(false)] out string? wrong)
    {
        (bytes, wrong) = (null, null);
        try
        {
            bytes = File.ReadAllBytes(file);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            wrong = Wrong(name, file, "cannot be read");
            return false;
        }
    }

    private string Wrong(string name, string file, string why) => $"{section}:{name} = \"{file}\": {why}";
}
