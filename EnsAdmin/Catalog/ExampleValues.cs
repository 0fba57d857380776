using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace EnsAdmin.Catalog;

/// <summary>Plausible single values by name and type of a field. Seeded by names alone.</summary>
internal sealed class ExampleValues(string eventName)
{
    /// <summary>The customer of every example.</summary>
    public const long CustomerId = 384_016_572;

    private const int ShortestCommonStart = 8;

    /// <summary>When the example took place: a working day in spring 2026, another minute for each event.</summary>
    public DateTimeOffset CreatedAt { get; } = new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero).AddSeconds(Stable(eventName, 7 * 3600)).AddMilliseconds(421);

    public string Uuid(string name)
    {
        Span<byte> bytes = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{eventName}/{name}"), bytes);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes[..16], bigEndian: true).ToString();
    }

    public static JsonObject Map(string name) => name switch
    {
        "baseAttributes" => new() { ["channel"] = "EMAIL", ["customerId"] = CustomerId },
        _ when name.EndsWith("IdMap", StringComparison.Ordinal) => new() { [Id("targetGroupId").ToString(CultureInfo.InvariantCulture)] = new JsonArray(Id("targetRuleId")) },
        _ => new() { ["deliveryPartner"] = "city-courier" },
    };

    /// <param name="name">Name of the field.</param>
    /// <param name="parent">Name of the object or list it stands in.</param>
    /// <param name="type">Its JSON type; not object or array.</param>
    /// <param name="knownValues">Values to choose from, if any.</param>
    /// <param name="index">Its place, when it stands in a list.</param>
    public JsonNode? Of(string name, string parent, string type, IReadOnlyList<string> knownValues, int index) => type switch
    {
        "boolean" => !name.StartsWith("isGroup", StringComparison.Ordinal),
        "integer" when ExampleMoments.IsMoment(name) => Moment(name).ToUnixTimeMilliseconds(),
        "integer" => Whole(name, parent, index),
        "number" when ExampleMoments.IsMoment(name) => Moment(name).ToUnixTimeMilliseconds(),
        "number" => Amount(name, parent, index),
        "null" => null,
        _ when knownValues.Count > 0 && ExampleTexts.Find(name, parent, index) is { } usual && knownValues.Contains(usual) => usual,
        _ => knownValues.Count > 0 ? Fitting(name, knownValues) : Text(name, parent, index),
    };

    private bool Falls => eventName.Contains("owngrade", StringComparison.Ordinal);

    private string Text(string name, string parent, int index)
    {
        if (ExampleMoments.IsMoment(name))
            return name.EndsWith("InMillis", StringComparison.Ordinal)
                ? Moment(name).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)
                : Moment(name).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        if (name == "value" && parent == "identifiers") return Id("transactionId").ToString(CultureInfo.InvariantCulture); // Its key says so.
        if (name == "achievedTargetValue" && eventName.Contains("UnAchieved", StringComparison.Ordinal)) return "350";
        if (ExampleTexts.Find(name, parent, index) is { } text) return text;
        if (name.EndsWith("Id", StringComparison.Ordinal) || name == "id") return Whole(name, parent, index).ToString(CultureInfo.InvariantCulture);
        return ExampleTexts.Humanised(name);
    }

    private long Whole(string name, string parent, int index) => name switch
    {
        "entityId" when parent.StartsWith("transfer", StringComparison.Ordinal) => CustomerId + 341, // Somebody else than the customer.
        "entityId" when eventName == "transaction" => Id("tillId"),
        "customerId" or "entityId" or "userId" => CustomerId,
        "id" when parent == "entityDetails" => Id("transactionId"), // Points come from a bill.
        "id" => Id(IdOf(parent)) + index,
        "currentEarnCount" => 1,
        "tierNumber" => index + 1,
        "previousTierNumber" when Falls => 2,
        "previousTierNumber" or "downgradedTierNumber" => 1,
        _ when name.EndsWith("TierNumber", StringComparison.Ordinal) => 2,
        "errorCode" => 1014,
        "categories" or "customers" => Id(name) + index,
        _ when name.EndsWith("Id", StringComparison.Ordinal) || name.EndsWith("_id", StringComparison.Ordinal) || name.EndsWith("ID", StringComparison.Ordinal) => Id(name) + index,
        _ when name.StartsWith("lifetime", StringComparison.Ordinal) || name.StartsWith("programLifetime", StringComparison.Ordinal) => 1250,
        _ when name.Contains("oints", StringComparison.Ordinal) || name.Contains("urrenc", StringComparison.Ordinal) => 150,
        _ when name.EndsWith("By", StringComparison.Ordinal) => Id("userOf" + name),
        _ => 1 + Stable(name, 4),
    };

    private double Amount(string name, string parent, int index) => name switch
    {
        "conv_ratio" or "discountAppliedOnQuantity" => 1,
        "basketSize" => 3,
        "thresholdValue" => 500,
        _ when name.EndsWith("Ratio", StringComparison.Ordinal) => 0.25,
        _ when name.StartsWith("programLifetime", StringComparison.Ordinal) => 1250,
        _ when name is "id" or "entityId" || name.EndsWith("Id", StringComparison.Ordinal) || name.EndsWith("Number", StringComparison.Ordinal) => Whole(name, parent, index),
        "discount" => 150,
        "discount_value" => 10,
        "grossAmount" => 1649.5,
        _ when name.Contains("mount", StringComparison.Ordinal) => 1499.5,
        _ when name.Contains("oints", StringComparison.Ordinal) || name.Contains("urrenc", StringComparison.Ordinal) => 150,
        _ => 100,
    };

    // "pointsRedeemed" was set off by "PointsRedemption" rather than by whatever stands first in the list.
    private string Fitting(string name, IReadOnlyList<string> values) =>
        values.Count > 1 && name.StartsWith("current", StringComparison.Ordinal) ? values[1] : values.MaxBy(v => CommonStart(v) is var n && n >= ShortestCommonStart ? n : 0)!;

    private int CommonStart(string value)
    {
        var n = 0;
        while (n < value.Length && n < eventName.Length && char.ToLowerInvariant(value[n]) == char.ToLowerInvariant(eventName[n])) n++;
        return n;
    }

    private DateTimeOffset Moment(string name) => ExampleMoments.Of(name, CreatedAt);

    /// <summary>The <c>id</c> inside <c>loyaltyProgramDetails</c> or <c>coupons</c> is what other objects call <c>loyaltyProgramId</c> or <c>couponId</c>.</summary>
    private static string IdOf(string parent)
    {
        foreach (var ending in (string[])["Details", "Data", "s"])
            if (parent.EndsWith(ending, StringComparison.Ordinal)) return parent[..^ending.Length] + "Id";
        return parent + "Id";
    }

    private static long Id(string name) => 100_000 + Stable(name, 8_900_000);

    private static int Stable(string text, int below)
    {
        uint hash = 2166136261;
        foreach (var c in text) hash = (hash ^ c) * 16777619;
        return (int)(hash % (uint)below);
    }
}
