using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;

namespace EnsAdmin.Tests.Support;

/// <summary>Hears all that comes out of the program, and the log of every category down to the last detail; then looks for what should not be there.</summary>
public sealed class Eavesdropper : ILoggerProvider
{
    private readonly ConcurrentQueue<(string From, byte[] Bytes)> _heard = new();
    private readonly List<(string Name, string Value)> _secrets = [];

    /// <summary>The log's categories.</summary>
    public ConcurrentDictionary<string, int> Categories { get; } = new();

    /// <summary>Plants a secret.</summary>
    public string Secret(string name, string value)
    {
        _secrets.Add((name, value));
        return value;
    }

    public void Hear(string from, byte[] bytes) => _heard.Enqueue((from, bytes));

    public void Hear(string from, string text) => Hear(from, Encoding.UTF8.GetBytes(text));

    /// <summary>Hears an answer whole.</summary>
    /// <param name="own">What its own caller's address carries, which a form on the page sends back to.</param>
    public async Task<string> HearAsync(HttpResponseMessage answer, string? own = null)
    {
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Hear($"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri!.AbsolutePath} {(int)answer.StatusCode}", string.Join('\n', answer.Headers.Concat(answer.Content.Headers).Select(h => $"{h.Key}: {string.Join(", ", h.Value)}")) + "\n" + (own is null ? body : body.Replace($"action=\"{answer.RequestMessage.RequestUri!.AbsolutePath}?token={own}\"", "", StringComparison.Ordinal)));
        return body;
    }

    public async Task HearFilesAsync(string directory)
    {
        foreach (var file in Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith("ens.lock", StringComparison.Ordinal)))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy);
            Hear($"file {Path.GetFileName(file)}", copy.ToArray());
        }
    }

    /// <summary>Where each planted secret was heard, with the words around it.</summary>
    public IReadOnlyList<string> Found()
    {
        var found = new List<string>();
        foreach (var (from, bytes) in _heard)
        {
            foreach (var (name, value) in _secrets)
            {
                var at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(value));
                if (at < 0) continue;
                var start = Math.Max(0, at - 160);
                found.Add($"{name} in {from}: {Encoding.UTF8.GetString(bytes, start, Math.Min(bytes.Length - start, 260 + value.Length)).ReplaceLineEndings(" ")}");
            }
        }

        return [.. found.Distinct().Take(40)];
    }

    public ILogger CreateLogger(string categoryName) => new Ear(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Ear(Eavesdropper owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull
        {
            owner.Hear($"scope of {category}", state.ToString() ?? "");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            owner.Categories.AddOrUpdate(category, 1, (_, n) => n + 1);
            var values = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs.Select(p => $"{p.Key}={p.Value}")) : "";
            owner.Hear($"log {category}", $"{formatter(state, exception)} {values} {exception}");
        }
    }
}
