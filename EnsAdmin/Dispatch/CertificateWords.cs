using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace EnsAdmin.Dispatch;

/// <summary>Says why a receiver's certificate is not trusted.</summary>
public sealed class RefusedCertificateException(string message) : AuthenticationException(message);

internal static class CertificateWords
{
    /// <summary>True for a certificate that the platform trusts.</summary>
    /// <exception cref="RefusedCertificateException">For any other.</exception>
    public static bool Accept(X509Certificate? certificate, SslPolicyErrors errors, DateTimeOffset now) => errors == SslPolicyErrors.None ? true : throw new RefusedCertificateException(errors switch
    {
        _ when certificate is null => "the receiver has no certificate",
        _ when certificate is X509Certificate2 c && c.NotAfter < now.LocalDateTime => $"the certificate expired on {c.NotAfter.ToUniversalTime():yyyy-MM-dd}",
        _ when certificate is X509Certificate2 c && c.NotBefore > now.LocalDateTime => $"the certificate is not valid before {c.NotBefore.ToUniversalTime():yyyy-MM-dd}",
        _ when errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) => "the certificate is for another name",
        _ => "the certificate is not from a trusted authority",
    });
}
