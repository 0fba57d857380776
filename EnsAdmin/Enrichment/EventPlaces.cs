using EnsAdmin.Catalog;

namespace EnsAdmin.Enrichment;

/// <summary>What stands at a place of a payload that is of use to the directory.</summary>
internal enum PlaceKind
{
    /// <summary>Only leads to others.</summary>
    Way,
    /// <summary>Who recorded it: <c>id</c> is the till, with room for <c>till</c> and <c>store</c>.</summary>
    Till,
    /// <summary>A customer's identifiers.</summary>
    Customer,
    /// <summary>What the points were awarded for.</summary>
    Award,
}

/// <param name="Balance">The field that tells a balance beside the rest; null for none.</param>
internal sealed record PlaceNode(string Name, bool IsList, PlaceKind Kind, string? Balance, PlaceNode[] Inside);

/// <summary>Where in the payloads of an event type the facts stand that enrichment adds and the directory learns: read from the schema's tree once.</summary>
/// <param name="Data">Null where there is nothing of the kind.</param>
/// <param name="TakesPoints">Whether the balance of points belongs into it.</param>
/// <param name="TakesAward">Whether what the points were awarded for belongs into it.</param>
/// <param name="NamesEntity">Whether it has an <c>entityInformation</c>, whose id is the customer's where its type is USER.</param>
internal sealed record EventPlaces(PlaceNode? Data, bool TakesPoints, bool TakesAward, bool NamesEntity)
{
    public const string BalanceField = "availablePointsBalance", BalanceAtField = "availablePointsBalanceAt", AwardField = "pointAwardedRefID", AwardTypeField = "pointsAwardedRefType", OtherAwardField = "pointsAwardedId", EntityField = "entityInformation";

    public static EventPlaces Of(EventCatalog catalog, string eventName)
    {
        var data = catalog.PropertiesOf(eventName).FirstOrDefault(p => p.Name == "data");
        if (data is null) return new EventPlaces(null, false, false, false);
        bool Has(string field) => data.Children.Any(c => c.Name == field);
        return new EventPlaces(Node(data, isRoot: true), Has(BalanceField), Has(AwardField), Has(EntityField));
    }

    private static PlaceNode? Node(SchemaProperty property, bool isRoot = false)
    {
        bool Has(string field) => property.Children.Any(c => c.Name == field);
        var kind = Has("customerId") && Has("instore") ? PlaceKind.Customer
            : property.Children.Any(c => c.Name is "till" or "store" && c.Children.Count > 0) ? PlaceKind.Till
            : !isRoot && (Has(AwardField) || Has(OtherAwardField)) ? PlaceKind.Award : PlaceKind.Way;
        var balance = Has("programCurrentPoints") ? "programCurrentPoints" : Has("currentPoints") && Has("loyaltyProgramId") ? "currentPoints" : null;
        PlaceNode[] inside = kind is PlaceKind.Way ? [.. property.Children.Select(c => Node(c)).OfType<PlaceNode>()] : [];
        return kind == PlaceKind.Way && balance is null && inside.Length == 0 && !isRoot ? null
            : new PlaceNode(property.Name, property.Type.StartsWith("array", StringComparison.Ordinal), kind, balance, inside);
    }
}
