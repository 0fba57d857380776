using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EnsAdmin.Catalog;

/// <summary>The keywords that look at one value alone: <c>enum</c>, <c>const</c>, bounds, lengths and <c>pattern</c>.</summary>
internal static class ValueRules
{
    private static readonly TimeSpan PatternTime = TimeSpan.FromMilliseconds(100);

    public static IEnumerable<ValueRule> Of(SchemaPlace place)
    {
        if (place.Keyword("enum", JsonValueKind.Array) is { } list)
        {
            var values = list.EnumerateArray().ToArray();
            var words = string.Join(", ", values.Select(v => v.GetRawText()));
            yield return v => values.Any(x => JsonElement.DeepEquals(x, v)) ? null : $"must be one of {words}";
        }
        if (place.Schema.TryGetProperty("const", out var only))
            yield return v => JsonElement.DeepEquals(only, v) ? null : $"must be {only.GetRawText()}";

        if (Number(place, "minimum") is { } min) yield return v => Of(v) < min ? $"must be {Say(min)} or more, is {Say(Of(v))}" : null;
        if (Number(place, "maximum") is { } max) yield return v => Of(v) > max ? $"must be {Say(max)} or less, is {Say(Of(v))}" : null;
        if (Number(place, "exclusiveMinimum") is { } above) yield return v => Of(v) <= above ? $"must be more than {Say(above)}, is {Say(Of(v))}" : null;
        if (Number(place, "exclusiveMaximum") is { } below) yield return v => Of(v) >= below ? $"must be less than {Say(below)}, is {Say(Of(v))}" : null;

        if (Number(place, "minLength") is { } shortest) yield return v => Length(v) < shortest ? $"must have {Say(shortest)} characters or more, has {Length(v)}" : null;
        if (Number(place, "maxLength") is { } longest) yield return v => Length(v) > longest ? $"must have {Say(longest)} characters or less, has {Length(v)}" : null;
        if (Number(place, "minItems") is { } fewest) yield return v => Count(v) < fewest ? $"must have {Say(fewest)} items or more, has {Count(v)}" : null;
        if (Number(place, "maxItems") is { } most) yield return v => Count(v) > most ? $"must have {Say(most)} items or less, has {Count(v)}" : null;
        if (place.Text("pattern") is { } pattern) yield return Pattern(place, pattern);
    }

    private static ValueRule Pattern(SchemaPlace place, string pattern)
    {
        Regex regex;
        try
        {
            regex = new(pattern, RegexOptions.CultureInvariant, PatternTime);
        }
        catch (ArgumentException e)
        {
            throw new SchemaException($"{place} has a pattern that is not a regular expression: {e.Message}", e);
        }
        return v =>
        {
            if (v.ValueKind != JsonValueKind.String) return null;
            try
            {
                return regex.IsMatch(v.GetString()!) ? null : $"must match the pattern {pattern}";
            }
            catch (RegexMatchTimeoutException)
            {
                return $"takes too long to match against the pattern {pattern}";
            }
        };
    }

    private static double? Number(SchemaPlace place, string keyword) => place.Keyword(keyword, JsonValueKind.Number)?.GetDouble();

    // NaN and null compare as false with everything: a rule for numbers says nothing about a string.
    private static double Of(JsonElement v) => v.ValueKind == JsonValueKind.Number ? v.GetDouble() : double.NaN;

    private static int? Length(JsonElement v) => v.ValueKind == JsonValueKind.String ? v.GetString()!.EnumerateRunes().Count() : null;

    private static int? Count(JsonElement v) => v.ValueKind == JsonValueKind.Array ? v.GetArrayLength() : null;

    private static string Say(double number) => number.ToString(CultureInfo.InvariantCulture);
}
