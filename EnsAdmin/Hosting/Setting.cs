using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace EnsAdmin.Hosting;

/// <summary>One key that the program knows, with what its value has to look like.</summary>
internal sealed class Setting(string key, PropertyInfo property)
{
    private readonly Type _type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;

    public string Key => key;

    /// <summary>The keys of a type's settable properties, those of nested types included.</summary>
    public static IEnumerable<Setting> Of(Type type, string section) => type.GetProperties()
        .Where(p => p.SetMethod is { IsPublic: true })
        .SelectMany(p => IsPlain(p.PropertyType) ? [new Setting($"{section}:{p.Name}", p)] : Of(p.PropertyType, $"{section}:{p.Name}"));

    /// <summary>What is wrong with a value, in words; null where it is right.</summary>
    public string? Mistake(string given)
    {
        if (!TryRead(given, out var value)) return $"should be {Form()}{Limits()}";
        var broken = property.GetCustomAttributes<ValidationAttribute>().FirstOrDefault(rule => !rule.IsValid(value));
        return broken switch
        {
            null => null,
            RangeAttribute => $"should be {Form()}{Limits()}",
            RequiredAttribute => "should not be empty",
            _ => broken.FormatErrorMessage(property.Name),
        };
    }

    private static bool IsPlain(Type type) => TypeDescriptor.GetConverter(Nullable.GetUnderlyingType(type) ?? type).CanConvertFrom(typeof(string));

    private bool TryRead(string given, out object? value)
    {
        value = null;
        // TimeSpan reads a bare 30 as thirty days, which nobody means.
        if (_type == typeof(TimeSpan) && !given.Contains(':')) return false;
        try
        {
            value = TypeDescriptor.GetConverter(_type).ConvertFromInvariantString(given);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException or OverflowException)
        {
            return false;
        }
    }

    private string Form() => _type switch
    {
        _ when _type == typeof(TimeSpan) => "a duration as 00:00:30 (hours:minutes:seconds)",
        _ when _type == typeof(bool) => "true or false",
        _ when _type == typeof(int) || _type == typeof(long) => "a whole number",
        _ when _type.IsEnum => "one of " + string.Join(", ", Enum.GetNames(_type)),
        _ => $"a value of the form {_type.Name}",
    };

    private string Limits() => property.GetCustomAttribute<RangeAttribute>() is { } range
        ? string.Create(CultureInfo.InvariantCulture, $" from {range.Minimum} to {range.Maximum}")
        : "";
}
