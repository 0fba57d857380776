using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using EnsAdmin.Shared;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Network;

/// <summary>
/// The certificate that HTTPS is spoken with. Its files are looked at every <see cref="Interval"/>, and new ones count from the next connection on; the
/// old stays where the new ones are no good.
/// </summary>
public sealed partial class ServerCertificate(IOptions<HttpsOptions> options, TimeProvider time, ILogger<ServerCertificate> log) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly CertificateFile? _file = options.Value.File();
    private volatile SslStreamCertificateContext? _current;
    private string? _seen;

    /// <summary>Whether the settings name one.</summary>
    public bool IsConfigured => _file is not null;

    /// <summary>Null where the settings name none.</summary>
    public SslStreamCertificateContext? Current
    {
        get
        {
            if (_current is null) Look();
            return _current;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_file is null) return;
        Look();
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) Look();
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
    }

    // A pair of files is not replaced in one moment: what is no good now may be at the next look.
    private void Look()
    {
        var seen = _file?.Fingerprint() ?? "";
        if (_file is null || seen == _seen) return;
        _seen = seen;
        if (!_file.TryLoad(out var loaded, out var wrong))
        {
            Kept(wrong);
            return;
        }

        _current = SslStreamCertificateContext.Create(loaded[0], [.. loaded.Skip(1)], offline: true);
        Taken(loaded[0].GetNameInfo(X509NameType.DnsName, false), loaded[0].NotAfter.ToUniversalTime());
    }

    [LoggerMessage(LogLevel.Information, "HTTPS speaks with the certificate of {Name}, good until {Until:O}")]
    private partial void Taken(string name, DateTime until);

    [LoggerMessage(LogLevel.Error, "The new certificate is not taken, the old one stays: {Wrong}")]
    private partial void Kept(string wrong);
}
