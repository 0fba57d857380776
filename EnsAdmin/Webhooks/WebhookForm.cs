using FluentValidation.Results;

namespace EnsAdmin.Webhooks;

/// <summary>A webhook being edited: its values, what is wrong with them, and whether anything was changed. Knows no screen.</summary>
public sealed class WebhookForm
{
    private readonly WebhookInputValidator _validator;
    private readonly HashSet<string> _touched = [];
    private string _saved;
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
        Check();
    }

    /// <summary>Checks everything and shows every error.</summary>
    /// <returns>Whether it can be saved.</returns>
    public bool CheckAll()
    {
        _showAll = true;
        Check();
        return Errors.Count == 0;
    }

    /// <summary>Shows what the store found beyond the rules.</summary>
    public void Show(IEnumerable<FieldError> errors) => Errors = errors.GroupBy(e => e.Field).ToDictionary(g => g.Key, g => g.First().Message);

    /// <summary>Shows that the name belongs to another webhook, and a free one like it.</summary>
    public void ShowNameTaken() => Errors = new Dictionary<string, string>(Errors) { [nameof(WebhookInput.Name)] = $"A webhook of this name exists. Try {Input.Name}-2." };

    /// <summary>From now on it is compared with what was saved.</summary>
    public void Saved(WebhookDetails webhook)
    {
        Stored = webhook;
        _saved = State();
    }

    /// <summary>Keeps the values and takes the other's version as the one to overwrite.</summary>
    public void Overwrite(WebhookDetails theirs) => Stored = theirs;

    private void Check()
    {
        ValidationResult result = _validator.Validate(Input);
        Errors = result.Errors.Where(e => _showAll || _touched.Contains(e.PropertyName)).GroupBy(e => e.PropertyName).ToDictionary(g => g.Key, g => g.First().ErrorMessage);
    }

    private string State() => System.Text.Json.JsonSerializer.Serialize(Input);
}
