using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EnsAdmin.Domain;
using EnsAdmin.Network;
using EnsAdmin.Shared;
using EnsAdmin.Tests.Support;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;

namespace EnsAdmin.Tests.Network;

#pragma warning disable CA5359 // The certificates are the test's own: what counts is which of them comes.
/// <summary>HTTPS with certificates of the test's own making, over real connections.</summary>
public sealed class HttpsTests : IDisposable
{
    private readonly string _files = Directory.CreateTempSubdirectory("ens-tls-").FullName;
    private readonly int _port = ProgramRun.FreePort();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Certificate => Path.Combine(_files, "tls.crt");
    private string Key => Path.Combine(_files, "tls.key");
    private string Pfx => Path.Combine(_files, "tls.pfx");
    private string Password => Path.Combine(_files, "password");

    [Fact]
    public async Task A_new_certificate_counts_without_a_restart_and_a_broken_one_does_not()
    {
        var time = Some.Clock();
        WritePem(Make("first.example"));
        await using var app = Start(time, ("Ens:Https:Certificate", Certificate), ("Ens:Https:Key", Key));
        Assert.Equal("CN=first.example", await SubjectAsync());

        WritePem(Make("second.example"));
        time.Advance(ServerCertificate.Interval);
        await Eventually.HoldsAsync(async () => await SubjectAsync() == "CN=second.example", () => "the second certificate");

        await File.WriteAllTextAsync(Key, Make("third.example").GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem(), Cancel); // Of another certificate.
        time.Advance(ServerCertificate.Interval);
        Assert.Equal("CN=second.example", await SubjectAsync());
        File.Delete(Certificate);
        time.Advance(ServerCertificate.Interval);
        Assert.Equal("CN=second.example", await SubjectAsync());

        WritePem(Make("fourth.example"));
        time.Advance(ServerCertificate.Interval);
        await Eventually.HoldsAsync(async () => await SubjectAsync() == "CN=fourth.example", () => "the fourth certificate");
    }

    [Fact]
    public async Task A_pfx_with_its_password_in_a_file_will_do_and_so_does_an_encrypted_key()
    {
        using var certificate = Make("pfx.example");
        await File.WriteAllBytesAsync(Pfx, certificate.Export(X509ContentType.Pkcs12, "between us"), Cancel);
        await File.WriteAllTextAsync(Password, "between us\n", Cancel);
        await using (Start(Some.Clock(), ("Ens:Https:Certificate", Pfx), ("Ens:Https:PasswordFile", Password))) Assert.Equal("CN=pfx.example", await SubjectAsync());

        await File.WriteAllTextAsync(Certificate, certificate.ExportCertificatePem(), Cancel);
        await File.WriteAllTextAsync(Key, certificate.GetRSAPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem("between us", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)), Cancel);
        await using (Start(Some.Clock(), ("Ens:Https:Certificate", Certificate), ("Ens:Https:Key", Key), ("Ens:Https:PasswordFile", Password))) Assert.Equal("CN=pfx.example", await SubjectAsync());
    }

    [Fact]
    public async Task All_that_leads_to_the_root_is_sent_along()
    {
        var until = DateTimeOffset.UnixEpoch.AddYears(90);
        using RSA rootKey = RSA.Create(2048), betweenKey = RSA.Create(2048), leafKey = RSA.Create(2048);
        using var root = Ask("root.example", rootKey, isAuthority: true).CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), until);
        using var signed = Ask("between.example", betweenKey, isAuthority: true).Create(root, DateTimeOffset.UnixEpoch.AddYears(51), until, [6]);
        using var between = signed.CopyWithPrivateKey(betweenKey);
        using var leaf = Ask("leaf.example", leafKey, isAuthority: false).Create(between, DateTimeOffset.UnixEpoch.AddYears(52), until, [7]);
        await File.WriteAllTextAsync(Certificate, leaf.ExportCertificatePem() + "\n" + between.ExportCertificatePem() + "\n" + leafKey.ExportPkcs8PrivateKeyPem(), Cancel);
        await using var app = Start(Some.Clock(), ("Ens:Https:Certificate", Certificate));

        var sent = new List<string>();
        await HandshakeAsync((_, chain) => sent.AddRange(chain!.ChainPolicy.ExtraStore.Select(c => c.Subject)));

        Assert.Contains("CN=between.example", sent);
    }

    [Fact]
    public async Task Cookies_are_for_https_alone_and_browsers_are_told_to_come_back_by_it()
    {
        WritePem(Make("localhost"));
        await using var app = Start(Some.Clock(), ("Ens:Https:Certificate", Certificate), ("Ens:Https:Key", Key));
        var email = await app.AddUserAsync(Role.Admin);

        foreach (var (url, https) in new[] { ($"https://127.0.0.1:{_port}", true), (app.Url, false) })
        {
            using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } };
            using var http = new HttpClient(handler) { BaseAddress = new Uri(url) };
            http.DefaultRequestHeaders.Accept.ParseAdd("text/html");
            using var page = await http.GetAsync(Paths.SignIn, Cancel);
            using var answer = await http.SignInAsync(email, RunningAppPeople.Password);
            Assert.Equal(302, (int)answer.StatusCode);

            var cookies = page.Headers.GetValues("Set-Cookie").Concat(answer.Headers.GetValues("Set-Cookie")).ToList();
            Assert.Contains(cookies, c => c.StartsWith(https ? "__Host-ens-session=" : "ens-session=", StringComparison.Ordinal));
            Assert.All(cookies, c =>
            {
                Assert.Contains("; httponly", c, StringComparison.OrdinalIgnoreCase);
                Assert.Contains("; path=/", c, StringComparison.OrdinalIgnoreCase);
                Assert.Matches("(?i); samesite=(lax|strict)", c);
                Assert.DoesNotMatch("(?i); domain=", c);
                Assert.Equal(https, c.Contains("; secure", StringComparison.OrdinalIgnoreCase));
            });
            Assert.Equal(https ? ["max-age=31536000"] : [], page.Headers.TryGetValues("Strict-Transport-Security", out var hsts) ? hsts : []);
        }
    }

    [Theory]
    [InlineData("--Ens:Https:Certificate=/nowhere.pem", "Ens:Https:Certificate = \"/nowhere.pem\": cannot be read")]
    [InlineData("--Ens:Https:Key=/nowhere.pem", "Ens:Https:Certificate: give the file of the certificate as well")]
    [InlineData("--Ens:Limits:MaxPages=10", "Ens:Https:Certificate: an address is HTTPS, so give the file of its certificate")]
    public async Task What_is_missing_is_said_at_the_start(string setting, string said)
    {
        var (exitCode, _, errors) = await ProgramRun.ToTheEndAsync([$"--urls=https://127.0.0.1:{_port}", setting]);
        Assert.Equal((1, said), (exitCode, errors.TrimEnd().Split('\n')[^1].Trim()));
    }

    [Fact]
    public async Task A_wrong_password_and_a_key_of_another_certificate_are_said_at_the_start()
    {
        await File.WriteAllBytesAsync(Pfx, Make("pfx.example").Export(X509ContentType.Pkcs12, "between us"), Cancel);
        await File.WriteAllTextAsync(Password, "something else", Cancel);
        Assert.Contains($"Ens:Https:Certificate = \"{Pfx}\": cannot be used with its key and password", (await ProgramRun.ToTheEndAsync(["--urls=https://127.0.0.1:0", $"--Ens:Https:Certificate={Pfx}", $"--Ens:Https:PasswordFile={Password}"])).Errors, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Certificate, Make("one.example").ExportCertificatePem(), Cancel);
        Assert.Contains($"Ens:Https:Certificate = \"{Certificate}\": ", (await ProgramRun.ToTheEndAsync(["--urls=https://127.0.0.1:0", $"--Ens:Https:Certificate={Certificate}"])).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_listens_by_https_from_its_settings_alone()
    {
        WritePem(Make("localhost"));
        await using var run = await ProgramRun.UpAsync($"--urls=https://127.0.0.1:{_port}", $"--Ens:Https:Certificate={Certificate}", $"--Ens:Https:Key={Key}");
        Assert.Equal("CN=localhost", await SubjectAsync());
    }

    public void Dispose() => Directory.Delete(_files, recursive: true);

    private RunningApp Start(FakeTimeProvider time, params (string, string)[] settings) => RunningApp.StartWith(services =>
    {
        services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time));
        services.AddSingleton<IStartupFilter>(new AlsoHttps(_port));
    }, settings);

    private static CertificateRequest Ask(string name, RSA key, bool isAuthority) => new($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
    {
        CertificateExtensions = { new X509BasicConstraintsExtension(isAuthority, false, 0, true) },
    };

    private static X509Certificate2 Make(string name)
    {
        using var key = RSA.Create(2048);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) { CertificateExtensions = { names.Build() } };
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(90));
    }

    private void WritePem(X509Certificate2 certificate)
    {
        File.WriteAllText(Certificate, certificate.ExportCertificatePem());
        File.WriteAllText(Key, certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    private async Task<string> SubjectAsync()
    {
        var subject = "";
        await HandshakeAsync((certificate, _) => subject = certificate.Subject);
        return subject;
    }

    private async Task HandshakeAsync(Action<X509Certificate, X509Chain?> look)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _port, Cancel);
        await using var tls = new SslStream(client.GetStream(), false, (_, certificate, chain, _) =>
        {
            look(certificate!, chain);
            return true;
        });
        await tls.AuthenticateAsClientAsync("localhost");
    }
}
