using System.Globalization;
using System.Text.Json;

namespace EnsAdmin.Shared;

/// <summary>
/// Takes the fields of a request's object, and notes each that is of the wrong kind with its pointer; what is absent or wrong comes back as null. Items of a list that are
/// wrong leave an empty place, so that what follows keeps its index.
/// </summary>
public sealed class JsonFields(JsonElement body)
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    public List<ApiError> Errors { get; } = [];

    /// <summary>The names of fields that nobody asked for.</summary>
    public IEnumerable<string> Unknown => body.EnumerateObject().Select(f => f.Name).Where(name => !_asked.Contains(name));

    public JsonElement? Find(string name)
    {
        _asked.Add(name);
        return body.TryGetProperty(name, out var value) ? value : null;
    }

    /// <summary>Fields that may be there and mean nothing.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (var name in names) _asked.Add(name);
    }

    public bool? Flag(string name)
    {
        if (Find(name) is not { } value) return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        Wrong(name, "must be true or false");
        return null;
    }

    /// <summary>Null is absent.</summary>
    public string? Text(string name)
    {
        if (Find(name) is not { ValueKind: not JsonValueKind.Null } value) return null;
        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        Wrong(name, "must be text");
        return null;
    }

    /// <summary>Null is absent. A whole number beyond what an <see cref="int"/> holds comes as the farthest that it does, for the field's own rule to name its bounds.</summary>
    public int? Number(string name)
    {
        if (Find(name) is not { ValueKind: not JsonValueKind.Null } value) return null;
        if (value.ValueKind == JsonValueKind.Number)
        {
            if (value.TryGetInt32(out var number)) return number;
            var digits = value.GetRawText().AsSpan();
            var negative = digits[0] == '-';
            if (digits[(negative ? 1 : 0)..].IndexOfAnyExceptInRange('0', '9') < 0) return negative ? int.MinValue : int.MaxValue;
        }

        Wrong(name, "must be a whole number");
        return null;
    }

    /// <summary>Null is absent.</summary>
    public DateTimeOffset? Moment(string name)
    {
        if (Find(name) is not { ValueKind: not JsonValueKind.Null } value) return null;
        if (value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var moment)) return moment;
        Wrong(name, "must be a time such as 2026-03-01T12:00:00Z");
        return null;
    }

    /// <summary>Null is absent.</summary>
    public List<string>? Texts(string name) => List(name, "text", item => item.ValueKind == JsonValueKind.String, item => item.GetString()!, "");

    /// <summary>Null is absent.</summary>
    public List<long>? Numbers(string name) => List(name, "a whole number", item => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out _), item => item.GetInt64(), 0);

    /// <param name="name">Of the field.</param>
    /// <param name="right">What would be right, to follow the name.</param>
    public void Wrong(string name, string right) => Errors.Add(new ApiError(400, $"{name} {right}.", $"/{name}"));

    private List<T>? List<T>(string name, string right, Func<JsonElement, bool> fits, Func<JsonElement, T> read, T empty)
    {
        if (Find(name) is not { ValueKind: not JsonValueKind.Null } value) return null;
        if (value.ValueKind != JsonValueKind.Array)
        {
            Wrong(name, $"must be a list, each item {right}");
            return null;
        }

        foreach (var (i, item) in value.EnumerateArray().Index())
            if (!fits(item)) Errors.Add(new ApiError(400, string.Create(CultureInfo.InvariantCulture, $"{name}[{i}] must be {right}."), string.Create(CultureInfo.InvariantCulture, $"/{name}/{i}")));
        return [.. value.EnumerateArray().Select(item => fits(item) ? read(item) : empty)];
    }
}
