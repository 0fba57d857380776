namespace EnsAdmin.Catalog;

/// <summary>What the picker shows and what is ticked in it. Nothing leaves it before <em>Done</em>.</summary>
public sealed class EventSelection(EventCatalog catalog, IEnumerable<string> selected)
{
    private readonly HashSet<string> _selected = [.. selected];

    public string Search { get; set; } = "";

    /// <summary>Also the types that are hidden or of older documents.</summary>
    public bool WithLegacy { get; set; }

    public int Count => _selected.Count;

    public int Total => catalog.All.Count(IsOffered);

    /// <summary>In the order of the catalogue.</summary>
    public IReadOnlyList<string> Names => [.. catalog.All.Select(t => t.Name).Where(_selected.Contains)];

    /// <summary>What matches the search in name, description or category, by category.</summary>
    public IEnumerable<IGrouping<string, EventType>> Groups => catalog.All.Where(Shows).GroupBy(t => t.Category);

    public bool Shows(EventType type) => IsOffered(type) && Matches(type);

    public bool Has(string name) => _selected.Contains(name);

    public void Set(string name, bool ticked)
    {
        if (ticked) _selected.Add(name);
        else _selected.Remove(name);
    }

    /// <summary>Ticks them all, or none where all are ticked.</summary>
    public void Toggle(IReadOnlyCollection<EventType> types)
    {
        var all = types.All(t => Has(t.Name));
        foreach (var type in types) Set(type.Name, !all);
    }

    private bool IsOffered(EventType type) => WithLegacy || type.IsCurrent || Has(type.Name);

    private bool Matches(EventType type) => Search.Trim() is var text
        && (type.Name.Contains(text, StringComparison.OrdinalIgnoreCase) || type.Description.Contains(text, StringComparison.OrdinalIgnoreCase) || type.Category.Contains(text, StringComparison.OrdinalIgnoreCase));
}
