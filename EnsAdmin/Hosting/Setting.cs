using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace EnsAdmin.Hosting;

/// <summary>One key that the program knows, with what its value has to look like.</summary>
internal sealed class Setting(string key, PropertyInfo property)
{
    private readonly Type _type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;

    // Also where somebody forgot to mark it.
    private static readonly string[] SecretNames = ["secret", "password", "passphrase", "token"];

    public string Key => key;

    /// <summary>Whether it is for the program's own use.</summary>
    public bool IsInternal => property.GetCustomAttribute<BrowsableAttribute>() is { Browsable: false };

    /// <summary>Whether its value is for nobody to see.</summary>
    public bool IsSecret => property.GetCustomAttribute<PasswordPropertyTextAttribute>() is { Password: true } || SecretNames.Any(n => property.Name.EndsWith(n, StringComparison.OrdinalIgnoreCase));

    /// <summary>What it is where it is left out; empty for nothing.</summary>
    public string Default => string.Format(CultureInfo.InvariantCulture, "{0}", property.GetValue(Activator.CreateInstance(property.DeclaringType!)));

    /// <summary>The keys of a type's settable properties, those of nested types included.</summary>
    public static IEnumerable<Setting> Of(Type type, string section) => type.GetProperties()
        .Where(p => p.SetMethod is { IsPublic: true })
        .SelectMany(p => IsPlain(p.PropertyType) ? [new Setting($"{section}:{p.Name}", p)] : Of(p.PropertyType, $"{section}:{p.Name}"));

    /// <summary>Those of the whole program that are for people to set, by key.</summary>
    public static IEnumerable<Setting> All() => typeof(Setting).Assembly.GetTypes()
        .Select(t => (Type: t, Section: t.GetField("Section") is { IsLiteral: true } section ? section.GetRawConstantValue() as string : null))
        .Where(x => x.Section is "Ens" || x.Section?.StartsWith("Ens:", StringComparison.Ordinal) == true)
        .SelectMany(x => Of(x.Type, x.Section!)).Where(s => !s.IsInternal).OrderBy(s => s.Key, StringComparer.Ordinal);

    /// <summary>What its value looks like, and what it is where it is left out.</summary>
    public string Description()
    {
        return $"{char.ToUpperInvariant(Form()[0])}{Form()[1..]}{Limits()}. Default: {(Default.Length > 0 ? Default : "none")}";
    }

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
        _ when Rule() is { } rule => rule.FormatErrorMessage(property.Name).Replace("should be ", "", StringComparison.Ordinal),
        _ when _type == typeof(string) => "text",
        _ when _type == typeof(bool) => "true or false",
        _ when _type == typeof(int) || _type == typeof(long) => "a whole number",
        _ when _type.IsEnum => "one of " + string.Join(", ", Enum.GetNames(_type)),
        _ => $"a value of the form {_type.Name}",
    };

    private ValidationAttribute? Rule() => property.GetCustomAttributes<ValidationAttribute>().FirstOrDefault(rule => rule is not (RangeAttribute or RequiredAttribute));

    private string Limits() => property.GetCustomAttribute<RangeAttribute>() is { } range
        ? string.Create(CultureInfo.InvariantCulture, $" from {range.Minimum} to {range.Maximum}")
        : "";
}
