using EnsAdmin.Catalog;

namespace EnsAdmin.Tests.Catalog;

internal static class CatalogNames
{
    public static readonly EventCatalog Catalog = EventCatalog.LoadEmbedded();

    public static TheoryData<string> All => [.. Catalog.All.Select(t => t.Name)];
}
