using System.Net;
using System.Net.Sockets;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Dispatch;

/// <summary>The address that a webhook's name leads to is one that must not be called.</summary>
public sealed class BlockedAddressException(IPAddress address) : IOException($"Blocked: {address} {Why}")
{
    public const string Why = $"is not a public address. The operator can open its network with {DeliveryOptions.Section}:{nameof(DeliveryOptions.AllowedNetworks)}";
}

/// <summary>Finds the addresses of a name. The system's own, except where a test plays a resolver that changes its mind.</summary>
public delegate Task<IPAddress[]> Resolve(string host, CancellationToken cancel);

/// <summary>
/// Opens the connections of webhooks. It looks the name up itself and dials only what it has judged, so that a name which leads elsewhere the next
/// moment gains nothing; one forbidden address among a name's answers refuses the name.
/// </summary>
public sealed class AddressGuard(IOptions<DeliveryOptions> options, Resolve resolve, TimeProvider time)
{
    /// <summary>How long an address is waited for before the next of the same name is tried beside it.</summary>
    private static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(300);

    private readonly AddressRules _rules = new(NetworkListAttribute.Read(options.Value.AllowedNetworks) ?? []);

    /// <summary>Whether a host that is an address, in any spelling, may be called. Names are judged when they are dialled, except those that always lead to this machine (RFC 6761).</summary>
    public bool MayAllow(string host) => IPAddress.TryParse(host.TrimEnd('.'), out var literal) ? _rules.Allows(literal)
        : !IsThisMachine(host) || _rules.Allows(IPAddress.Loopback) || _rules.Allows(IPAddress.IPv6Loopback);

    /// <summary>The addresses of a host, all of them allowed.</summary>
    /// <param name="host">A name, or an address in any spelling.</param>
    /// <exception cref="BlockedAddressException">One of them is forbidden.</exception>
    /// <exception cref="SocketException">The name has none, or the resolver fails.</exception>
    public async Task<IPAddress[]> AddressesAsync(string host, CancellationToken cancel)
    {
        // The dot at the end of a whole name means nothing in an address; of other names it keeps the resolver from trying them within the machine's own domain.
        var addresses = IPAddress.TryParse(host.TrimEnd('.'), out var literal) ? [literal] : await resolve(IsThisMachine(host) ? host.TrimEnd('.') : host, cancel);
        if (addresses.Length == 0) throw new SocketException((int)SocketError.HostNotFound);
        return addresses.FirstOrDefault(a => !_rules.Allows(a)) is { } forbidden ? throw new BlockedAddressException(forbidden) : addresses;
    }

    private static bool IsThisMachine(string host) => $".{host.TrimEnd('.')}".EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var progress = CallProgress.Of(context.InitialRequestMessage);
        progress.Missing = "No address for the name";
        var addresses = await AddressesAsync(context.DnsEndPoint.Host, cancel);
        progress.Missing = "No connection";
        var socket = await DialAsync(addresses, context.DnsEndPoint.Port, cancel);
        progress.Missing = context.InitialRequestMessage.RequestUri!.Scheme == Uri.UriSchemeHttps ? "No secure connection" : CallProgress.Answer;
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>The connection is there, secured where it has to be.</summary>
    public ValueTask<Stream> ConnectedAsync(SocketsHttpPlaintextStreamFilterContext context, CancellationToken cancel)
    {
        CallProgress.Of(context.InitialRequestMessage).Missing = CallProgress.Answer;
        return ValueTask.FromResult(context.PlaintextStream);
    }

    /// <summary>Dials IPv6 and IPv4 in turn, the next when the one before fails or lets wait; the first connection is taken.</summary>
    private async Task<Socket> DialAsync(IPAddress[] addresses, int port, CancellationToken cancel)
    {
        using var taken = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var next = new Queue<IPAddress>(addresses.GroupBy(a => a.AddressFamily).SelectMany(g => g.Index()).OrderBy(x => x.Index).Select(x => x.Item));
        var dialing = new List<Task<Socket>>();
        try
        {
            while (true)
            {
                if (next.TryDequeue(out var address)) dialing.Add(DialAsync(address, port, taken.Token));
                var first = Task.WhenAny(dialing);
                if (next.Count > 0) await Task.WhenAny(first, Task.Delay(HeadStart, time, taken.Token));
                else await first;
                if (!first.IsCompleted) continue;
                var ended = await first;
                dialing.Remove(ended);
                if (ended.IsCompletedSuccessfully || dialing.Count + next.Count == 0) return await ended;
            }
        }
        finally
        {
            await taken.CancelAsync();
            foreach (var late in dialing) _ = late.ContinueWith(t => t.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    private static async Task<Socket> DialAsync(IPAddress address, int port, CancellationToken cancel)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, port, cancel);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>How far a call is, for the words of one that takes too long.</summary>
internal sealed class CallProgress
{
    public static readonly HttpRequestOptionsKey<CallProgress> Key = new(nameof(CallProgress));

    public const string Answer = "No answer";

    public static CallProgress Of(HttpRequestMessage request) => request.Options.TryGetValue(Key, out var told) ? told : new CallProgress();

    /// <summary>What is being waited for. A call over a connection that was open already waits for nothing but the answer.</summary>
    public volatile string Missing = Answer;
}
