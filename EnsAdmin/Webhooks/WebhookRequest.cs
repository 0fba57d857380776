using System.Globalization;
using System.Text.Json;
using EnsAdmin.Domain;
using EnsAdmin.Shared;

namespace EnsAdmin.Webhooks;

/// <summary>Reads a webhook object of the API into a <see cref="WebhookInput"/>, and names fields in errors as the API spells them.</summary>
public static class WebhookRequest
{
    /// <param name="body">The request's JSON object.</param>
    /// <param name="current">The stored webhook, whose headers and state stay where the request leaves them out; null for a new one.</param>
    public static (WebhookInput Input, List<ApiError> Errors, List<ApiWarning> Warnings) Read(JsonElement body, WebhookDetails? current)
    {
        var reader = new Reader();
        var input = new WebhookInput { Name = current?.Name ?? "", Active = current?.Active ?? true, MaxConnections = null, Headers = current?.ToInput().Headers ?? [] };
        foreach (var field in body.EnumerateObject())
        {
            var (name, value) = (field.Name, field.Value);
            switch (name)
            {
                case "active": reader.Flag(name, value, v => input.Active = v); break;
                case "name": reader.Text(name, value, v => input.Name = v); break;
                case "webHookUrl": reader.Text(name, value, v => input.Url = v); break;
                case "methodType": reader.Text(name, value, v => input.Method = v); break;
                case "webHookType": reader.Type(value); break;
                case "webHookHeaders": reader.Headers(value, current, v => input.Headers = v); break;
                case "eventNames": reader.Texts(name, value, v => input.EventNames = v); break;
                case "maxAllowedConnections": reader.Number(name, value, v => input.MaxConnections = v); break;
                case "slaInSeconds": reader.Number(name, value, v => input.SlaSeconds = v); break;
                case "replayThrottledEnabled": reader.Flag(name, value, v => input.ReplayThrottled = v); break;
                case "replayWindowInHours": reader.Number(name, value, v => input.ReplayWindowHours = v); break;
                case "customerIdentifiersToBeEnriched": reader.Texts(name, value, v => input.CustomerIdentifierSources = v); break;
                case "cardNumberEnrichmentEnabled": reader.Flag(name, value, v => input.CardNumber = v); break;
                case "tillDetailsEnrichmentEnabled": reader.Flag(name, value, v => input.Till = v); break;
                case "storeDetailsEnrichmentEnabled": reader.Flag(name, value, v => input.Store = v); break;
                case "awardedReferenceEnrichmentEnabled": reader.Flag(name, value, v => input.AwardedReference = v); break;
                case "availablePointsBalanceEnrichmentEnabled": reader.Flag(name, value, v => input.AvailablePointsBalance = v); break;
                case "webHookId" or "consumerGroupId" or "attribution" or "orgId" or "version": break; // Of our own answers, sent back.
                default: reader.Warnings.Add(new ApiWarning($"The field '{name}' is not known and was left out.")); break;
            }
        }

        return (input, reader.Errors, reader.Warnings);
    }

    /// <summary>The API's error for a field of <see cref="WebhookInput"/>.</summary>
    public static ApiError ToApi(FieldError error)
    {
        var path = error.Field.Split('[', '.')[0];
        return new ApiError(error.Code, error.Message, "/" + ApiNames.GetValueOrDefault(path, path));
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

    private sealed class Reader
    {
        public List<ApiError> Errors { get; } = [];
        public List<ApiWarning> Warnings { get; } = [];

        public void Flag(string name, JsonElement value, Action<bool> set)
        {
            if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) set(value.GetBoolean());
            else Wrong(name, "must be true or false");
        }

        public void Text(string name, JsonElement value, Action<string> set)
        {
            if (value.ValueKind == JsonValueKind.String) set(value.GetString()!);
            else Wrong(name, "must be text");
        }

        public void Number(string name, JsonElement value, Action<int?> set)
        {
            if (value.ValueKind == JsonValueKind.Null) return;
            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)) set(number);
            else Wrong(name, "must be a whole number");
        }

        public void Texts(string name, JsonElement value, Action<List<string>> set)
        {
            if (value.ValueKind == JsonValueKind.Null) return;
            if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String)) set([.. value.EnumerateArray().Select(v => v.GetString()!)]);
            else Wrong(name, "must be a list of texts");
        }

        public void Type(JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.String || value.GetString() != "HTTP") Wrong("webHookType", "must be HTTP: queues are not served");
        }

        /// <summary>An object of name and value, or a list of {key, value}. A null value keeps what is stored under the name.</summary>
        public void Headers(JsonElement value, WebhookDetails? current, Action<List<HeaderInput>> set)
        {
            IEnumerable<(string? Name, JsonElement Value)>? pairs = value.ValueKind switch
            {
                JsonValueKind.Null => [],
                JsonValueKind.Object => value.EnumerateObject().Select(p => ((string?)p.Name, p.Value)),
                JsonValueKind.Array when value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.Object) => value.EnumerateArray().Select(Pair),
                _ => null,
            };
            if (pairs is null || pairs.Any(p => p.Name is null || p.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null)))
            {
                Wrong("webHookHeaders", "must be an object of names and text values, or a list of {\"key\", \"value\"}");
                return;
            }

            set([.. pairs.Select(p => new HeaderInput
            {
                Name = p.Name!,
                Value = p.Value.GetString(),
                Stored = current?.HeaderNames.Contains(p.Name!, StringComparer.OrdinalIgnoreCase) ?? false,
            })]);
        }

        private static (string?, JsonElement) Pair(JsonElement pair) =>
            ((pair.TryGetProperty("key", out var name) || pair.TryGetProperty("name", out name)) && name.ValueKind == JsonValueKind.String ? name.GetString() : null,
                pair.TryGetProperty("value", out var value) ? value : default);

        private void Wrong(string name, string right) => Errors.Add(new ApiError(400, string.Create(CultureInfo.InvariantCulture, $"{name} {right}."), "/" + name));
    }
}
