using Microsoft.AspNetCore.Components;

namespace EnsAdmin.Shared;

/// <summary>A component that reads its data anew when a topic of the <see cref="ChangeFeed"/> changes.</summary>
public abstract class LiveComponentBase : ComponentBase, IDisposable
{
    private readonly Dictionary<string, IDisposable> _watched = new(StringComparer.Ordinal);
    private bool _disposed;

    [Inject]
    private ChangeFeed Changes { get; set; } = null!;

    /// <summary>Reads the data again, on the renderer; the component is rendered after it.</summary>
    protected virtual Task RefreshAsync() => Task.CompletedTask;

    /// <summary>Starts listening to the topic; a second call for the same topic does nothing. Prerendering never listens.</summary>
    /// <param name="window">As of <see cref="ChangeFeed.Subscribe"/>.</param>
    protected void Watch(string topic, TimeSpan? window = null)
    {
        if (_disposed || !RendererInfo.IsInteractive || _watched.ContainsKey(topic)) return;
        _watched[topic] = Changes.Subscribe(topic, OnChangedAsync, window);
    }

    /// <summary>Stops listening, for a page whose address changed to another object.</summary>
    protected void Unwatch(string topic)
    {
        if (_watched.Remove(topic, out var subscription)) subscription.Dispose();
    }

    private async Task OnChangedAsync()
    {
        try
        {
            await InvokeAsync(async () =>
            {
                if (_disposed) return;
                await RefreshAsync();
                if (!_disposed) StateHasChanged();
            });
        }
        catch (ObjectDisposedException)
        {
            // The browser left while the change was on its way.
        }
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing || _disposed) return;
        _disposed = true;
        foreach (var subscription in _watched.Values) subscription.Dispose();
        _watched.Clear();
    }
}
