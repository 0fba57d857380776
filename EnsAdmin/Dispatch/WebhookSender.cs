using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using EnsAdmin.Data;
using EnsAdmin.Domain;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Dispatch;

/// <summary>Makes one HTTP call and says in words what came of it. Never throws for what a receiver did.</summary>
public sealed class WebhookSender(HeaderVault vault, WebhookConnections connections, IOptions<DeliveryOptions> options, TimeProvider time)
{
    /// <summary>Marks a test event, so that a receiver can tell it from a real one.</summary>
    public const string TestHeader = "X-EnsAdmin-Test";

    private const int KeptHeaderCharacters = 8 * 1024;

    private readonly ConditionalWeakTable<WebhookSnapshot, OpenedHeaders> _headers = [];
    private readonly TimeSpan _timeout = options.Value.RequestTimeout;

    /// <param name="traceParent">The call's place in a distributed trace; null for none.</param>
    /// <param name="cancel">Ends the call because the program stops; only then an <see cref="OperationCanceledException"/> comes out.</param>
    public async Task<AttemptResult> SendAsync(WebhookSnapshot webhook, byte[] body, AttemptTrigger trigger, string? traceParent, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        var startedAt = time.GetUtcNow();
        using var timer = new CancellationTokenSource(_timeout, time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancel);
        using var request = new HttpRequestMessage(new HttpMethod(webhook.Method), webhook.Url) { Content = new ByteArrayContent(body) };
        var progress = new CallProgress();
        request.Options.Set(CallProgress.Key, progress);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var sent = "";
        HttpResponseMessage? response = null;
        OpenedHeaders? headers = null;

        AttemptResult Result(AttemptOutcome outcome, string reason, byte[]? start = null) => new(trigger, outcome, (int?)response?.StatusCode, reason, startedAt,
            time.GetElapsedTime(started), sent, response is null ? null : Lines(response, headers!.Mask), start) { RetryAt = RetryAt(response?.Headers) };

        try
        {
            headers = _headers.GetValue(webhook, w => new OpenedHeaders([.. w.Headers.Select(h => KeyValuePair.Create(h.Key, vault.Unprotect(h.Value)))]));
            sent = AddHeaders(request, webhook, headers, trigger, traceParent);
            response = await connections.Of(webhook.Id).SendAsync(request, bound.Token);
            var (start, isCut) = await AnswerStart.ReadAsync(response, headers.Mask, bound.Token);
            return Result(OutcomeOf(response.StatusCode), isCut ? $"{InWords(response.StatusCode)} (its answer was too large and not read to the end)" : InWords(response.StatusCode), start);
        }
        catch (CryptographicException) when (headers is null)
        {
            return Result(AttemptOutcome.NoResponse, "Not sent: the values of the webhook's headers cannot be read, since their keys are gone; give them anew");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Result(AttemptOutcome.TimedOut, response is null ? $"{progress.Missing} within {_timeout.TotalSeconds:0.#} s" : $"The answer did not end within {_timeout.TotalSeconds:0.#} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            return Find<BlockedAddressException>(e) is { } blocked ? Result(AttemptOutcome.Blocked, blocked.Message)
                : Result(AttemptOutcome.NoResponse, response is null ? InWords(e) : "The answer broke off");
        }
        finally
        {
            response?.Dispose();
        }
    }

    /// <returns>The request as it may be shown: values of the webhook's own headers are masked.</returns>
    private static string AddHeaders(HttpRequestMessage request, WebhookSnapshot webhook, OpenedHeaders headers, AttemptTrigger trigger, string? traceParent)
    {
        var shown = new StringBuilder($"{webhook.Method} {webhook.Url}\nContent-Type: application/json");
        foreach (var (name, value) in headers.Values)
        {
            // Some belong to the body by the library's rules (Expires, Last-Modified, Allow).
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content!.Headers.TryAddWithoutValidation(name, value);
            shown.Append('\n').Append(name).Append(": ").Append(SecretMask.Shown);
        }

        shown.Append(CultureInfo.InvariantCulture, $"\nContent-Length: {request.Content!.Headers.ContentLength}");
        if (!request.Headers.NonValidated.Contains("User-Agent"))
        {
            request.Headers.TryAddWithoutValidation("User-Agent", "EnsAdmin");
            shown.Append("\nUser-Agent: EnsAdmin");
        }

        if (traceParent is not null && request.Headers.TryAddWithoutValidation("traceparent", traceParent)) shown.Append("\ntraceparent: ").Append(traceParent);
        if (trigger == AttemptTrigger.Test)
        {
            request.Headers.TryAddWithoutValidation(TestHeader, "true");
            shown.Append('\n').Append(TestHeader).Append(": true");
        }

        return shown.ToString();
    }

    /// <summary>Seconds or a date; what is neither was not said. Seconds that no number holds are as long as can be.</summary>
    private DateTimeOffset? RetryAt(HttpResponseHeaders? answer) => answer?.RetryAfter switch
    {
        { Date: { } date } => date,
        { Delta: { } pause } => time.GetUtcNow() + pause,
        _ => answer is not null && answer.NonValidated.TryGetValues("Retry-After", out var asked) && asked.ToString() is { Length: > 0 } text && text.All(char.IsAsciiDigit) ? DateTimeOffset.MaxValue : null,
    };

    private static AttemptOutcome OutcomeOf(HttpStatusCode status) => (int)status switch
    {
        >= 200 and < 300 => AttemptOutcome.Success,
        >= 500 and < 600 => AttemptOutcome.ServerError,
        >= 300 and < 400 => AttemptOutcome.Redirect,
        _ => AttemptOutcome.ClientError,
    };

    private static string InWords(HttpStatusCode status) =>
        ReasonPhrases.GetReasonPhrase((int)status) is { Length: > 0 } phrase ? $"{(int)status} {phrase}" : $"{(int)status}";

    private static string InWords(Exception e) => e switch
    {
        _ when Find<SocketException>(e) is { SocketErrorCode: SocketError.ConnectionRefused } => "Connection refused",
        _ when Find<SocketException>(e) is { SocketErrorCode: SocketError.ConnectionReset } => "Connection reset",
        _ when Find<SocketException>(e) is { SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable } => "Host not reachable",
        _ when Find<SocketException>(e) is { SocketErrorCode: SocketError.TryAgain } => "The name could not be looked up: the resolver did not answer",
        _ when Find<SocketException>(e) is { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } => "Name not found",
        _ when Find<RefusedCertificateException>(e) is { } refused => $"TLS failed: {refused.Message}",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "TLS failed: no secure connection",
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } => "The connection was closed without an answer",
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } => "The answer was not valid HTTP",
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => "The answer's headers were too large",
        _ => "No answer: the connection failed",
    };

    private static T? Find<T>(Exception? e) where T : Exception
    {
        for (; e is not null; e = e.InnerException) if (e is T found) return found;
        return null;
    }

    private static string Lines(HttpResponseMessage response, SecretMask mask)
    {
        var lines = mask.Mask(string.Join('\n', response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated).Select(h => $"{h.Key}: {h.Value}")));
        return lines.Length <= KeptHeaderCharacters ? lines : lines[..KeptHeaderCharacters] + "…";
    }

    private sealed record OpenedHeaders(KeyValuePair<string, string>[] Values)
    {
        public SecretMask Mask { get; } = new(Values);
    }
}
