namespace EnsAdmin.Webhooks;

/// <summary>A webhook being edited: its values, what is wrong with them, and whether anything was changed. Knows no screen.</summary>
public sealed class WebhookForm
{
    private const int MostNamesTried = 20;

    private readonly WebhookInputValidator _validator;
    private readonly HashSet<string> _touched = [];
    private readonly Dictionary<string, string> _found = [];
    private readonly string _saved;
    private (string Name, string Free)? _taken;
    private bool _showAll;

    public WebhookForm(WebhookInputValidator validator, WebhookDetails? stored)
    {
        _validator = validator;
        Input = stored?.ToInput() ?? new WebhookInput();
        Stored = stored;
        _saved = State();
    }

    public WebhookInput Input { get; }

    /// <summary>What it was opened with; null for a new one.</summary>
    public WebhookDetails? Stored { get; private set; }

    public bool IsNew => Stored is null;

    public bool IsChanged => State() != _saved;

    /// <summary>The message to show at each field; fields that were not touched yet are spared until the first try to save.</summary>
    public IReadOnlyDictionary<string, string> Errors { get; private set; } = new Dictionary<string, string>();

    /// <summary>Notes that the user has left a field, and checks.</summary>
    public void Touch(string field)
    {
        _touched.Add(field);
        _found.Remove(field);
        Check();
    }

    /// <summary>Checks everything and shows every error.</summary>
    /// <returns>Whether it can be saved.</returns>
    public bool CheckAll()
    {
        _showAll = true;
        _found.Clear();
        Check();
        return Errors.Count == 0;
    }

    /// <summary>Shows what the store found beyond the rules, each until its field is touched or the next try to save.</summary>
    public void Show(IEnumerable<FieldError> errors)
    {
        foreach (var error in errors) _found.TryAdd(error.Field, error.Message);
        Check();
    }

    /// <summary>Notes a name that belongs to another webhook, and a free one like it; the error stays for as long as the name does.</summary>
    public async Task CheckNameAsync(Func<string, Task<bool>> isTaken)
    {
        var name = Input.Name;
        if (!IsNew || name.Length == 0 || !await isTaken(name)) return;
        var number = 2;
        while (number < MostNamesTried && await isTaken($"{name}-{number}")) number++;
        _taken = (name, $"{name}-{number}");
        _found.Remove(nameof(Input.Name));
        Check();
    }

    public void RemoveHeader(HeaderInput header)
    {
        Input.Headers.Remove(header);
        // Their paths hold positions, which now mean other rows.
        _touched.RemoveWhere(IsOfHeader);
        foreach (var field in _found.Keys.Where(IsOfHeader).ToList()) _found.Remove(field);
        Check();
    }

    /// <summary>Keeps the values and takes the other's version as the one to overwrite. A header that they removed has no stored value any more.</summary>
    public void Overwrite(WebhookDetails theirs)
    {
        Stored = theirs;
        foreach (var header in Input.Headers) header.Stored &= theirs.HeaderNames.Contains(header.Name, StringComparer.OrdinalIgnoreCase);
    }

    private void Check()
    {
        var errors = _validator.Validate(Input).Errors.Where(e => _showAll || _touched.Contains(e.PropertyName))
            .GroupBy(e => e.PropertyName).ToDictionary(g => g.Key, g => g.First().ErrorMessage);
        if (_taken is { } taken && taken.Name == Input.Name) errors.TryAdd(nameof(Input.Name), $"A webhook of this name exists. Try {taken.Free}.");
        foreach (var (field, message) in _found) errors.TryAdd(field, message);
        Errors = errors;
    }

    private static bool IsOfHeader(string field) => field.StartsWith("Headers[", StringComparison.Ordinal);

    private string State() => System.Text.Json.JsonSerializer.Serialize(Input);
}
