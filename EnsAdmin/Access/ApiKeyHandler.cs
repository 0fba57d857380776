using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using EnsAdmin.Domain;
using EnsAdmin.Shared;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Access;

/// <summary>
/// Finds the key of a request: <c>Bearer</c> with the whole key, or <c>Basic</c> with its id and secret. Only memory is asked; an unknown id takes the same
/// work as a wrong secret, and gets the same answer.
/// </summary>
public sealed class ApiKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder, AccessTable table, KeyUses uses, TimeProvider time)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    private const string Bearer = "Bearer ", Basic = "Basic ";
    private const int MaxLength = 256;
    private const string Missing = "Give a key: \"Authorization: Bearer\" with the whole key, or Basic with its id and secret.";
    private const string Unknown = "There is no such key, or it was revoked.";
    private const int NotAllowed = 4000;

    private string _why = Missing;
    private bool _elsewhere;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (header.Length == 0) return Task.FromResult(AuthenticateResult.NoResult());
        if (header.Length > MaxLength) return Refuse(Unknown);
        if (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return Check(header.AsSpan(Bearer.Length).Trim(), '_');
        if (!header.StartsWith(Basic, StringComparison.OrdinalIgnoreCase)) return Refuse(Missing);

        Span<byte> decoded = stackalloc byte[MaxLength];
        if (!Convert.TryFromBase64Chars(header.AsSpan(Basic.Length).Trim(), decoded, out var length)) return Refuse("What follows Basic is not base64 of the key's id, a colon and its secret.");
        Span<char> text = stackalloc char[MaxLength];
        return Check(text[..Encoding.UTF8.GetChars(decoded[..length], text)], ':');
    }

    private Task<AuthenticateResult> Check(ReadOnlySpan<char> given, char between)
    {
        var isWhole = given.Length > ApiKey.IdLength && given[ApiKey.IdLength] == between;
        var secret = isWhole ? given[(ApiKey.IdLength + 1)..] : given;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        ApiKey.Hash(secret, hash);
        if (!isWhole || !table.TryFindKey(given[..ApiKey.IdLength], out var key) || !key.IsSecret(hash)) return Refuse(Unknown);

        var now = time.GetUtcNow();
        if (key.ExpiresAt <= now) return Refuse("This key has expired.");
        if (!key.MayComeFrom(Caller.Address(Context)))
        {
            _elsewhere = true;
            return Refuse("This key may not be used from this address.");
        }

        if (key.Used(now.UtcTicks)) uses.Note(key.Id, now);
        Context.Features.Set(key.Caller);
        return key.Accepted;
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (_elsewhere) return FailAsync(StatusCodes.Status403Forbidden, NotAllowed, _why);
        var invalid = ReferenceEquals(_why, Missing) ? "" : ", error=\"invalid_token\"";
        Response.Headers.WWWAuthenticate = new([$"Bearer realm=\"EnsAdmin\"{invalid}", "Basic realm=\"EnsAdmin\", charset=\"UTF-8\""]);
        return FailAsync(StatusCodes.Status401Unauthorized, StatusCodes.Status401Unauthorized, _why);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var scope = Context.GetEndpoint()?.Metadata.GetMetadata<RequiredScope>()?.Scope;
        Response.Headers.WWWAuthenticate = $"Bearer realm=\"EnsAdmin\", error=\"insufficient_scope\", scope=\"{scope}\"";
        return FailAsync(StatusCodes.Status403Forbidden, NotAllowed, $"This key does not have the scope {scope}.");
    }

    private Task<AuthenticateResult> Refuse(string why)
    {
        _why = why;
        return Task.FromResult(AuthenticateResult.Fail(why));
    }

    private Task FailAsync(int status, int code, string message) => ApiBody.Fail(status, new ApiError(code, message)).ExecuteAsync(Context);
}
