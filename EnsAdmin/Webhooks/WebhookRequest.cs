using System.Globalization;
using System.Text.Json;
using EnsAdmin.Catalog;
using EnsAdmin.Shared;

namespace EnsAdmin.Webhooks;

/// <summary>A webhook object of the API, read into a <see cref="WebhookInput"/>; names fields in errors as the API spells them and points to them.</summary>
public sealed class WebhookRequest
{
    private readonly JsonFields _fields;
    private readonly List<(string Name, string NameAt, string ValueAt)> _headers = [];

    /// <param name="body">The request's JSON object.</param>
    /// <param name="current">The stored webhook, whose headers and state stay where the request leaves them out; null for a new one.</param>
    public WebhookRequest(JsonElement body, WebhookDetails? current)
    {
        _fields = new JsonFields(body);
        Input = new WebhookInput
        {
            Active = _fields.Flag("active") ?? current?.Active ?? true,
            Name = _fields.Text("name") ?? current?.Name ?? "",
            Url = _fields.Text("webHookUrl") ?? "",
            StoredUrl = current?.Url,
            Method = _fields.Text("methodType") ?? "POST",
            Headers = ReadHeaders(current),
            EventNames = _fields.Texts("eventNames") ?? [],
            MaxConnections = _fields.Number("maxAllowedConnections"),
            SlaSeconds = _fields.Number("slaInSeconds") ?? 30,
            // Of EnsAdmin alone: who knows only the published fields leaves these as they are.
            ReplayThrottled = _fields.Flag("replayThrottledEnabled") ?? current?.ReplayThrottled ?? false,
            ReplayWindowHours = _fields.Number("replayWindowInHours") ?? (_fields.Find("replayWindowInHours") is null ? current?.ReplayWindowHours : null),
            CustomerIdentifierSources = _fields.Texts("customerIdentifiersToBeEnriched") ?? [],
            CardNumber = _fields.Flag("cardNumberEnrichmentEnabled") ?? false,
            Till = _fields.Flag("tillDetailsEnrichmentEnabled") ?? false,
            Store = _fields.Flag("storeDetailsEnrichmentEnabled") ?? false,
            AwardedReference = _fields.Flag("awardedReferenceEnrichmentEnabled") ?? false,
            AvailablePointsBalance = _fields.Flag("availablePointsBalanceEnrichmentEnabled") ?? false,
        };
        if (_fields.Find("webHookType") is { } type && !(type.ValueKind == JsonValueKind.String && type.GetString() == "HTTP")) _fields.Wrong("webHookType", "must be HTTP: queues are not served");
        _fields.Ignore("webHookId", "consumerGroupId", "attribution", "orgId", "version"); // Of our own answers, sent back.
        Warnings = [.. _fields.Unknown.Select(name => new ApiWarning($"The field '{name}' is not known and was left out."))];
    }

    /// <summary>To be checked by the rules; to be saved only if it <see cref="IsReadable"/>.</summary>
    public WebhookInput Input { get; }

    public IReadOnlyList<ApiWarning> Warnings { get; }

    /// <summary>Whether every field is of its kind.</summary>
    public bool IsReadable => _fields.Errors.Count == 0;

    /// <summary>Everything that is wrong: what could not be read, and what the rules say of the rest.</summary>
    public IReadOnlyList<ApiError> Errors(IEnumerable<FieldError> broken)
    {
        var unread = _fields.Errors.Select(e => e.Pointer!).ToHashSet();
        // Whether cards may be asked for is open as long as the sources are.
        if (unread.Any(at => at.StartsWith("/customerIdentifiersToBeEnriched", StringComparison.Ordinal))) unread.Add("/cardNumberEnrichmentEnabled");
        return [.. _fields.Errors, .. broken.DistinctBy(e => e.Field).Where(e => HeaderOf(e) is not null || !unread.Contains(Pointer(e))).Select(ToApi)];
    }

    private ApiError ToApi(FieldError error)
    {
        if (HeaderOf(error) is { } header) return new ApiError(error.Code, $"Header '{header.Name}': {error.Message}", error.Field.EndsWith(".Value", StringComparison.Ordinal) ? header.ValueAt : header.NameAt);
        var subject = error.Field.StartsWith(nameof(WebhookInput.EventNames) + "[", StringComparison.Ordinal) ? "" : ApiName(error.Field) + ": ";
        return new ApiError(error.Code, subject + error.Message, Pointer(error));
    }

    /// <summary>Of <c>EventNames[3]</c>: <c>/eventNames/3</c>.</summary>
    private static string Pointer(FieldError error) => $"/{ApiName(error.Field)}{(Index(error.Field) is { } i ? string.Create(CultureInfo.InvariantCulture, $"/{i}") : "")}";

    private (string Name, string NameAt, string ValueAt)? HeaderOf(FieldError error) =>
        error.Field.StartsWith(nameof(WebhookInput.Headers), StringComparison.Ordinal) && Index(error.Field) is { } i && i < _headers.Count ? _headers[i] : null;

    private static int? Index(string field) =>
        field.IndexOf('[', StringComparison.Ordinal) is > 0 and var open ? int.Parse(field[(open + 1)..field.IndexOf(']', StringComparison.Ordinal)], CultureInfo.InvariantCulture) : null;

    private static string ApiName(string field)
    {
        var name = field.Split('[', '.')[0];
        return ApiNames.GetValueOrDefault(name, name);
    }

    private static readonly Dictionary<string, string> ApiNames = new()
    {
        [nameof(WebhookInput.Name)] = "name",
        [nameof(WebhookInput.Url)] = "webHookUrl",
        [nameof(WebhookInput.Method)] = "methodType",
        [nameof(WebhookInput.Headers)] = "webHookHeaders",
        [nameof(WebhookInput.EventNames)] = "eventNames",
        [nameof(WebhookInput.MaxConnections)] = "maxAllowedConnections",
        [nameof(WebhookInput.SlaSeconds)] = "slaInSeconds",
        [nameof(WebhookInput.ReplayWindowHours)] = "replayWindowInHours",
        [nameof(WebhookInput.CustomerIdentifierSources)] = "customerIdentifiersToBeEnriched",
        [nameof(WebhookInput.CardNumber)] = "cardNumberEnrichmentEnabled",
    };

    /// <summary>An object of name and value, or a list of [name, value] or {key, value}. A null value keeps what is stored under the name.</summary>
    private List<HeaderInput> ReadHeaders(WebhookDetails? current)
    {
        const string field = "webHookHeaders";
        var sent = _fields.Find(field);
        if (sent is not { ValueKind: JsonValueKind.Object or JsonValueKind.Array } value)
        {
            if (sent is { ValueKind: not JsonValueKind.Null }) _fields.Wrong(field, "must be an object of names and text values, or a list of [name, value]");
            var kept = sent is null && current is not null ? current.ToInput().Headers : [];
            _headers.AddRange(kept.Select(h => Place(h.Name, $"/{field}/{JsonPointer.Escape(h.Name)}")));
            return kept;
        }

        var read = new List<HeaderInput>();
        if (value.ValueKind == JsonValueKind.Object)
            foreach (var header in value.EnumerateObject()) Add(header.Name, header.Value, Place(header.Name, $"/{field}/{JsonPointer.Escape(header.Name)}"));
        else
            foreach (var (i, pair) in value.EnumerateArray().Index()) AddPair(pair, string.Create(CultureInfo.InvariantCulture, $"/{field}/{i}"));
        return read;

        void AddPair(JsonElement pair, string at)
        {
            if (pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2 && pair[0].ValueKind == JsonValueKind.String)
                Add(pair[0].GetString()!, pair[1], (pair[0].GetString()!, at + "/0", at + "/1"));
            else if (pair.ValueKind == JsonValueKind.Object && (pair.TryGetProperty("key", out var key) || pair.TryGetProperty("name", out key)) && key.ValueKind == JsonValueKind.String)
                Add(key.GetString()!, pair.TryGetProperty("value", out var given) ? given : default, (key.GetString()!, at + (pair.TryGetProperty("key", out _) ? "/key" : "/name"), at + "/value"));
            else
                Unreadable(at, "A header must be [name, value] or {\"key\": name, \"value\": value}.");
        }

        void Add(string name, JsonElement text, (string Name, string NameAt, string ValueAt) place)
        {
            if (text.ValueKind is not (JsonValueKind.String or JsonValueKind.Null or JsonValueKind.Undefined)) Unreadable(place.ValueAt, $"The value of header '{name}' must be text.");
            _headers.Add(place);
            read.Add(new HeaderInput
            {
                Name = name,
                // A value of another kind has its error; the name is to be judged all the same.
                Value = text.ValueKind switch { JsonValueKind.String => text.GetString(), JsonValueKind.Null or JsonValueKind.Undefined => null, _ => "unreadable" },
                Stored = current?.HeaderNames.Contains(name, StringComparer.OrdinalIgnoreCase) ?? false,
            });
        }
    }

    private void Unreadable(string at, string message) => _fields.Errors.Add(new ApiError(400, message, at));

    private static (string, string, string) Place(string name, string at) => (name, at, at);
}
