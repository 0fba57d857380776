using System.Globalization;

namespace EnsAdmin.Domain;

/// <summary>Whole numbers from 0 on in every spelling that JSON has for them, such as 50, 50.0 and 5e1.</summary>
public static class WholeNumber
{
    /// <returns>Null for any other number, and for one beyond the bounds of a long.</returns>
    public static long? Read(string digits)
    {
        if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var plain)) return plain;
        return decimal.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= long.MaxValue && decimal.IsInteger(number) ? (long)number : null;
    }
}
