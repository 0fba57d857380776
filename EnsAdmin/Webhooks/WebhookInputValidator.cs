using EnsAdmin.Catalog;
using EnsAdmin.Dispatch;
using EnsAdmin.Domain;
using FluentValidation;

namespace EnsAdmin.Webhooks;

/// <summary>The rules of a webhook, for the form and the API alike. Uniqueness of the name is the store's to know.</summary>
public sealed class WebhookInputValidator : AbstractValidator<WebhookInput>
{
    public const int MaxNameLength = 100;
    public const int MaxUrlLength = 2048;
    public const int MaxHeaders = 64;
    public const int MaxHeaderValueLength = 8192;
    public const int MaxMaxConnections = 1000;
    public const int MaxSlaSeconds = 86_400;
    public const int MaxReplayWindowHours = 7 * 24;

    public WebhookInputValidator(EventCatalog catalog, AddressGuard guard)
    {
        RuleLevelCascadeMode = CascadeMode.Stop;

        RuleFor(x => x.Name)
            .NotEmpty().WithMessage("Give the webhook a name.")
            .MaximumLength(MaxNameLength).WithMessage($"At most {MaxNameLength} characters.")
            .Must(name => name == name.Trim() && !name.EnumerateRunes().Any(sign => sign.Value != ' ' && WebhookUrl.IsUnseen(sign))).WithMessage("No spaces at the ends, and no character that nobody sees.");

        RuleFor(x => x.Url)
            .NotEmpty().WithMessage("Give the address that events are sent to.")
            .MaximumLength(MaxUrlLength).WithMessage($"At most {MaxUrlLength} characters.")
            .Must(url => WebhookUrl.Mistake(url) is null).WithMessage(x => WebhookUrl.Mistake(x.Url)!)
            .Must((x, url) => url == x.StoredUrl || guard.MayAllow(new Uri(url).IdnHost)).WithMessage($"This {BlockedAddressException.Why}.");

        RuleFor(x => x.Method)
            .Must(WebhookMethods.All.Contains).WithMessage($"One of {string.Join(", ", WebhookMethods.All)}.");

        RuleFor(x => x.Headers)
            .Must(headers => headers.Count <= MaxHeaders).WithMessage($"At most {MaxHeaders} headers.");
        // A list is gone through to its end: its second mistake is to be told with its first.
        RuleForEach(x => x.Headers).Cascade(CascadeMode.Continue).ChildRules(HeaderRules);
        RuleForEach(x => x.Headers).Cascade(CascadeMode.Continue)
            .Must((input, header) => input.Headers.Count(h => string.Equals(h.Name, header.Name, StringComparison.OrdinalIgnoreCase)) == 1)
            .WithMessage("This key is given twice.").OverridePropertyName("Headers").When(x => x.Headers.Count <= MaxHeaders);

        RuleForEach(x => x.CustomerIdentifierSources).Cascade(CascadeMode.Continue)
            .Must(IdentifierSources.All.Contains).WithMessage($"Known sources: {string.Join(", ", IdentifierSources.All)}.");
        RuleFor(x => x.CardNumber)
            .Must((input, cards) => !cards || input.CustomerIdentifierSources.Count > 0).WithMessage("Card numbers need a customer identifier source.");

        RuleFor(x => x.MaxConnections)
            .NotNull().WithErrorCode("300004").WithMessage("Give the maximum allowed connections.")
            .GreaterThan(0).WithErrorCode("51007").WithMessage("Maximum allowed connections must be above 0.")
            .LessThanOrEqualTo(MaxMaxConnections).WithErrorCode("51007").WithMessage($"At most {MaxMaxConnections} connections.");

        RuleFor(x => x.SlaSeconds)
            .NotNull().WithMessage("Give the SLA in seconds; 0 is not tracked.")
            .InclusiveBetween(0, MaxSlaSeconds).WithMessage($"Between 0 (not tracked) and {MaxSlaSeconds} seconds.");

        RuleFor(x => x.ReplayWindowHours)
            .InclusiveBetween(1, MaxReplayWindowHours).WithMessage($"Between 1 and {MaxReplayWindowHours} hours (7 days); empty for the installation's own.");

        RuleFor(x => x.EventNames)
            .NotEmpty().WithErrorCode("51003").WithMessage("Select at least one event.");
        RuleForEach(x => x.EventNames).Cascade(CascadeMode.Continue)
            .Must(name => catalog.Find(name) is not null)
            .WithMessage((_, name) => $"There is no event type '{name}'.{Nearest(catalog, name)}");
    }

    private static void HeaderRules(InlineValidator<HeaderInput> header)
    {
        header.RuleLevelCascadeMode = CascadeMode.Stop;
        header.RuleFor(h => h.Name)
            .NotEmpty().WithMessage("Give the header a key.")
            .MaximumLength(256).WithMessage("At most 256 characters.")
            .Must(name => name.All(IsTokenCharacter)).WithMessage("Only letters, digits and !#$%&'*+-.^_`|~ .")
            .Must(name => !Foreign.Contains(name)).WithMessage("This header belongs to the connection, a proxy or a trace; it can't be set here.")
            .Must(name => !Own.Contains(name) && !name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)).WithMessage("This header is set by EnsAdmin itself.");
        header.RuleFor(h => h.Value)
            .Must((h, value) => value is null ? h.Stored : !string.IsNullOrWhiteSpace(value)).WithMessage("Give the header a value.")
            .Must(value => value is null || value.Length <= MaxHeaderValueLength).WithMessage($"At most {MaxHeaderValueLength} characters.")
            .Must(value => value is null || value.All(c => c is >= ' ' and <= '~')).WithMessage("Only printable ASCII characters on one line.");
    }

    private static readonly HashSet<string> Foreign = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Expect", "HTTP2-Settings", "tracestate",
    };

    private static readonly HashSet<string> Own = new(StringComparer.OrdinalIgnoreCase) { "Host", "traceparent", WebhookSender.TestHeader };

    private static bool IsTokenCharacter(char c) => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c);

    private static string Nearest(EventCatalog catalog, string name) =>
        catalog.Nearest(name) is { Count: > 0 } near ? $" Did you mean {string.Join(" or ", near)}?" : "";
}
