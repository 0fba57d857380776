using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace EnsAdmin.Dispatch;

/// <summary>
/// Looks up names away from the threads that everything else runs on: the system's resolver holds the thread that asks, and a name whose servers don't answer
/// holds it for long. Each name that is being looked up has a thread of its own, and all who ask meanwhile get the same answer, so a name that hangs costs
/// one thread and delays no other name.
/// </summary>
/// <param name="resolver">Asks the system; may block.</param>
public sealed class NameLookup(Func<string, IPAddress[]> resolver)
{
    // More hang only where hundreds of names do; what is asked beyond them is answered at once, and replayed.
    private const int MostAtOnce = 1000;
    private const int StackBytes = 256 * 1024;

    private readonly ConcurrentDictionary<string, Lazy<Task<IPAddress[]>>> _underWay = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="SocketException">The name has no address, or the resolver fails.</exception>
    /// <exception cref="OperationCanceledException">The caller waits no longer; the look-up goes on for the others.</exception>
    public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancel)
    {
        if (_underWay.Count >= MostAtOnce && !_underWay.ContainsKey(host)) return Task.FromException<IPAddress[]>(new SocketException((int)SocketError.TryAgain));
        return _underWay.GetOrAdd(host, h => new Lazy<Task<IPAddress[]>>(() => Start(h))).Value.WaitAsync(cancel);
    }

    private Task<IPAddress[]> Start(string host)
    {
        var found = new TaskCompletionSource<IPAddress[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                var addresses = resolver(host);
                _underWay.TryRemove(host, out _);
                found.SetResult(addresses);
            }
            catch (Exception e)
            {
                _underWay.TryRemove(host, out _);
                found.SetException(e);
                _ = found.Task.Exception; // Those who asked may all have gone.
            }
        }, StackBytes) { IsBackground = true, Name = "Name look-up" }.Start();
        return found.Task;
    }
}
