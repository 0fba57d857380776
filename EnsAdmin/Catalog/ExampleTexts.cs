using System.Globalization;
using System.Text;

namespace EnsAdmin.Catalog;

/// <summary>Texts by name of a field, and by that of the object around it where the name alone says little. Telephone numbers are from
/// the range kept for fiction, addresses from example.com.</summary>
internal static class ExampleTexts
{
    private static readonly string[] TierNames = ["Silver", "Gold"];
    private static readonly string[] CouponCodes = ["SPRING26-7KQ4M2", "SPRING26-X9T3LB"];

    private static readonly Dictionary<string, string> ByName = new(StringComparer.Ordinal)
    {
        ["firstName"] = "Asha", ["lastName"] = "Verma", ["email"] = "asha.verma@example.com", ["mobile"] = "447700900142",
        ["username"] = "counter.manager", ["loyaltyType"] = "LOYALTY", ["source"] = "INSTORE", ["sourceName"] = "INSTORE", ["accountId"] = "uk-main",
        ["role"] = "MEMBER", ["group"] = "Verma family", ["groupName"] = "Verma family", ["channel"] = "EMAIL",
        ["billNumber"] = "BN-20260302-0147", ["transactionNumber"] = "BN-20260302-0147", ["transaction_number"] = "BN-20260302-0147",
        ["redemptionBillNumber"] = "BN-20260302-0147", ["billType"] = "REGULAR", ["billClientId"] = "till-07-000147",
        ["currencyCode"] = "GBP", ["outlierStatus"] = "NORMAL", ["itemCode"] = "SKU-48213", ["sku"] = "SKU-48213",
        ["cardnumber"] = "6008120044710093", ["cardNumbers"] = "6008120044710093", ["cardNumber"] = "6008120044710093",
        ["cardexternalid"] = "CARD-88120", ["cardType"] = "PHYSICAL", ["membershipNumber"] = "PM-2045518",
        ["externalId"] = "EXT-10482", ["externalId1"] = "REGION-SW", ["externalId2"] = "FORMAT-CITY", ["externalIdentifier"] = "EXT-77310",
        ["external_reference_number"] = "REF-552190", ["referenceId"] = "REF-552190", ["transactionIdentifier"] = "TXN-552190", ["rewardReference"] = "RWD-31008",
        ["identifierType"] = "mobile", ["identifierName"] = "mobile", ["identifierValue"] = "447700900142",
        ["intouchCouponCode"] = "SPRING26-7KQ4M2", ["discount_code"] = "SPRING26", ["vendorVoucher"] = "VCH-4471-9902", ["issualType"] = "SINGLE",
        ["tierName"] = "Gold", ["tier"] = "Gold", ["partnerProgramName"] = "Airline partner", ["promotionName"] = "Double points in spring",
        ["promotionDescription"] = "Twice the points on every bill in March", ["promotionIdentifier"] = "PROMO-2026-03", ["targetName"] = "Spend 500 in a month",
        ["targetGroupName"] = "Monthly spend", ["targetPeriodName"] = "March 2026", ["streakName"] = "Four visits in a row", ["streakLevelName"] = "Level 1",
        ["alternateCurrencyName"] = "Stars", ["alternateCurrencyIdentifier"] = "STARS", ["alternateCurrencyValue"] = "25",
        ["fieldName"] = "preferred_store", ["fieldValue"] = "Harbour Street", ["previousValue"] = "Station Road", ["currentValue"] = "Harbour Street",
        ["previousLabel"] = "Standard", ["currentLabel"] = "Preferred", ["label"] = "Preferred", ["reason"] = "Requested by the customer",
        ["previousStatus"] = "UNSUBSCRIBED", ["currentStatus"] = "ACTIVE", ["previousStatusLabel"] = "Standard", ["currentStatusLabel"] = "Preferred",
        ["notes"] = "Confirmed at the counter", ["comment"] = "Confirmed at the counter", ["comments"] = "Confirmed at the counter",
        ["redemptionNotes"] = "Redeemed at the counter", ["errorCode"] = "1014", ["errorDescription"] = "The mailbox does not exist",
        ["errorMessage"] = "The reward is out of stock", ["deliveryFailureReason"] = "The mailbox does not exist", ["deliveryFailureStatus"] = "HARD_BOUNCED",
        ["definedTargetValue"] = "500", ["defaultTargetValue"] = "500", ["definedValue"] = "500", ["achievedTargetValue"] = "500",
        ["rejectionReason"] = "A bill with this number is already there", ["rejectionType"] = "DUPLICATE_BILL", ["reasonDetails"] = "A bill with this number is already there",
        ["languageCode"] = "en", ["ouCode"] = "UK", ["format"] = "json", ["skip_validation"] = "false", ["use_async"] = "false", ["productId"] = "48213",
        ["url"] = "https://cdn.example.com/rewards/mug.png", ["imageUrl"] = "https://cdn.example.com/rewards/mug.png", ["altText"] = "A blue mug",
        ["thumbnailUrl"] = "https://cdn.example.com/rewards/mug-small.png", ["termAndConditionsUrl"] = "https://www.example.com/terms",
        ["ruleExpression"] = "amount >= 500", ["earnCriteria"] = "TRANSACTION", ["periodUnit"] = "MONTH", ["periodType"] = "CALENDAR",
        ["badgeId"] = "65f2c1d08a4be93b7c1e5a42", ["badgeMetaId"] = "65f2c0a18a4be93b7c1e5a07", ["userStreakId"] = "65f2c3e48a4be93b7c1e5b10",
        ["requestId"] = "b3b6c1de-5c0e-4a6f-9a57-0c1f6a1d7e22", ["description"] = "Spring offer for members",
        ["aggregation"] = "SUM", ["combinationType"] = "ANY", ["type"] = "VOUCHER", ["subtype"] = "REGULAR", ["redemptionType"] = "POINTS",
        ["upgradeType"] = "EAGER", ["renewType"] = "RENEW", ["limitOn"] = "CUSTOMER", ["levelsAchievedByTheUser"] = "1", ["levelValues"] = "4",
        ["numberOfLevelsAchievedByTheUser"] = "1", ["valueType"] = "AMOUNT", ["entityName"] = "BILL", ["linkedEventName"] = "transactionAdded",
        ["baseType"] = "POINTS", ["pointsAwardedRefType"] = "POINT_AWARDED", ["ownerType"] = "USER", ["earningEntityType"] = "TRANSACTION", ["priority"] = "BULK",
        ["expiryUpdateReasonNote"] = "Goodwill after a late delivery",
        ["descriptionOfTheStreak"] = "A visit in each of four weeks",
    };

    private static readonly Dictionary<(string Parent, string Name), string> ByPlace = new()
    {
        [("till", "code")] = "till.harbour.07", [("till", "name")] = "Harbour Street, till 7",
        [("store", "externalId")] = "ST-0107", [("store", "code")] = "harbour", [("store", "name")] = "Harbour Street", [("loyaltyProgramDetails", "name")] = "Members club",
        [("loyaltyProgramDetails", "description")] = "Points on every purchase", [("rewardDetails", "description")] = "A blue mug with the club's sign",
        [("targetData", "description")] = "Spend 500 in a month, get 250 points", [("targetDetails", "description")] = "Spend 500 in a month, get 250 points",
        [("earningActivityReference", "name")] = "NewBill", [("earningAlternateCurrencyReference", "name")] = "NewBill", [("vendorRedemptionDetails", "name")] = "Gift house voucher",
        [("identifiers", "key")] = "TransactionId", [("transaction", "number")] = "BN-20260302-0147",
        [("customFields", "key")] = "preferred_store", [("customFields", "value")] = "Harbour Street",
        [("extendedFields", "key")] = "favourite_colour", [("extendedFields", "value")] = "blue",
        [("additionalAttributes", "key")] = "Remarks", [("additionalAttributes", "value")] = "Bought at the spring fair",
        [("targetData", "name")] = "Spend 500 in a month", [("targetDetails", "name")] = "Spend 500 in a month", [("milestoneDetails", "name")] = "Spend 500 in a month",
        [("data", "name")] = "Blue mug", [("rewardDetails", "name")] = "Blue mug", [("vendorDetails", "name")] = "Gift house",
        [("images", "name")] = "mug.png", [("videos", "name")] = "mug.mp4", [("erroredSteps", "name")] = "ISSUE_VOUCHER",
    };

    // By what the sources themselves know people; shops know them by their mobile.
    private static readonly Dictionary<string, (string Type, string Value)> BySource = new(StringComparer.Ordinal)
    {
        ["wechat"] = ("openid", "oX7bV0mQ2hTzA1cR4yKpW9sLd3Fg"), ["web_engage"] = ("cuid", "c-7f3a90d25e18"),
        ["facebook"] = ("facebookId", "10224471830092517"), ["line"] = ("lineId", "U4af4980629b0c5e17d23a6f8b91e0c44"),
    };

    /// <summary>An identifier of an account in a source, its kind or its value; null for any other field.</summary>
    public static string? OfAccount(string source, string name) => !BySource.TryGetValue(source, out var known) ? null : name switch
    {
        "identifierType" => known.Type,
        "identifierValue" => known.Value,
        _ => null,
    };

    public static string? Find(string name, string parent, int index) => name switch
    {
        "tierName" when parent == "tiers" => TierNames[index % TierNames.Length],
        "code" when parent.StartsWith("coupon", StringComparison.Ordinal) => CouponCodes[index % CouponCodes.Length],
        _ when ByPlace.TryGetValue((parent, name), out var placed) => placed,
        _ when ByName.TryGetValue(name, out var text) => text,
        _ when parent.EndsWith("Fields", StringComparison.Ordinal) && name is "key" or "name" => "preferred_store",
        _ when parent.EndsWith("Fields", StringComparison.Ordinal) && name == "value" => parent.StartsWith("previous", StringComparison.Ordinal) ? "Station Road" : "Harbour Street",
        "pointsType" => "REGULAR",
        _ when name.Contains("Value", StringComparison.Ordinal) || name.Contains("oin", StringComparison.Ordinal) => "150",
        _ => null,
    };

    /// <summary>"newExpirySetType" as "New expiry set type".</summary>
    public static string Humanised(string name)
    {
        var words = new StringBuilder(name.Length + 8);
        foreach (var c in name)
        {
            if (c == '_' || (char.IsUpper(c) && words.Length > 0)) words.Append(' ');
            if (c != '_') words.Append(words.Length == 0 ? char.ToUpper(c, CultureInfo.InvariantCulture) : char.ToLower(c, CultureInfo.InvariantCulture));
        }
        return words.ToString();
    }
}
