using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Xml.Linq;
using EnsAdmin.Protection;

namespace EnsAdmin.Tests.Protection;

public sealed class KeySealTests
{
    private static readonly XElement Plain = new("secret", "the key itself");

    [Fact]
    public void A_passphrase_opens_what_it_closed_and_another_does_not()
    {
        var closed = KeySeal.Of("correct horse battery").Close(Plain);
        Assert.DoesNotContain("the key itself", closed.ToString(), StringComparison.Ordinal);
        Assert.Equal("the key itself", KeySeal.Of("correct horse battery").Open(closed)?.Value);
        Assert.Null(KeySeal.Of("correct horse batterY").Open(closed));
    }

    [Fact]
    public void A_certificate_opens_what_it_closed_and_another_does_not()
    {
        using X509Certificate2 own = Make(), other = Make();
        var closed = KeySeal.Of(own)!.Close(Plain);
        Assert.DoesNotContain("the key itself", closed.ToString(), StringComparison.Ordinal);
        Assert.Equal("the key itself", KeySeal.Of(own)!.Open(closed)?.Value);
        Assert.Null(KeySeal.Of(other)!.Open(closed));
        Assert.Null(KeySeal.Of("correct horse battery").Open(closed));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("tag")]
    [InlineData("nonce")]
    [InlineData("salt")]
    public void What_was_changed_is_not_opened(string part)
    {
        var seal = KeySeal.Of("correct horse battery");
        var closed = seal.Close(Plain);
        var bytes = Convert.FromBase64String(closed.Element(part)!.Value);
        bytes[0] ^= 1;
        closed.Element(part)!.Value = Convert.ToBase64String(bytes);
        Assert.Null(seal.Open(closed));
    }

    [Fact]
    public void A_certificate_without_an_RSA_key_is_none_for_this()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=curve", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));
        Assert.Null(KeySeal.Of(certificate));
    }

    private static X509Certificate2 Make()
    {
        using var key = RSA.Create(2048);
        return new CertificateRequest("CN=keys", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));
    }
}
