using System.Globalization;

namespace EnsAdmin.Operations;

/// <summary>"512 B", "3.4 MB", "120 GB", by powers of 1024.</summary>
internal static class SizeWords
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB"];

    public static string Of(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        for (; value >= 1024 && unit < Units.Length - 1; unit++) value /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{value.ToString(value < 10 && unit > 0 ? "0.0" : "0", CultureInfo.InvariantCulture)} {Units[unit]}");
    }
}
