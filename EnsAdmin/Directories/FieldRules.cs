using System.Globalization;
using EnsAdmin.Domain;

namespace EnsAdmin.Directories;

/// <summary>What a value of the directory may be, wherever it comes from.</summary>
internal static class FieldRules
{
    public const string WholeNumber = "must be a whole number from 0 on";

    /// <summary>What is wrong with a plain value, to follow its name; null where it is right.</summary>
    /// <param name="value">As it is kept; null for an empty one, which is no value.</param>
    public static string? Check(FieldForm form, string given, out string? value)
    {
        value = null;
        if (Text(given, out var text) is { } wrong) return wrong;
        if (text is null) return null;
        switch (form)
        {
            case FieldForm.Number:
                if (!IsId(text, out var number)) return WholeNumber;
                value = number.ToString(CultureInfo.InvariantCulture);
                return null;
            case FieldForm.TimeZone when !IsTimeZone(text):
                return "must be an IANA time zone, such as Europe/Berlin, Asia/Kolkata or UTC";
            default:
                value = text;
                return null;
        }
    }

    /// <summary>The same for a text of any kind.</summary>
    public static string? Text(string given, out string? value)
    {
        value = given.AsSpan().Trim() is { Length: > 0 } trimmed ? trimmed.Length == given.Length ? given : trimmed.ToString() : null;
        if (value is null) return null;
        if (value.Length > DirectoryRecord.MaxText) return string.Create(CultureInfo.InvariantCulture, $"must have at most {DirectoryRecord.MaxText} characters");
        foreach (var c in value)
            if (char.IsControl(c)) return "must be on one line, without control characters";
        return null;
    }

    public static bool IsId(ReadOnlySpan<char> text, out long id) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id);

    // A machine without time zone data knows none, and must not refuse all.
    private static bool IsTimeZone(string id) => TimeZoneInfo.TryFindSystemTimeZoneById(id, out _) || !TimeZoneInfo.TryFindSystemTimeZoneById("Europe/London", out _);
}
