using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace EnsAdmin.Tests.Support;

/// <summary>A small provider of OpenID Connect over real HTTP: discovery, keys, code flow with PKCE, signed tokens, userinfo and sign-out. It lets in, without asking, whoever <see cref="Claims"/> says.</summary>
public sealed class OpenIdProvider : IAsyncDisposable
{
    public const string ClientId = "ens", ClientSecret = "a secret of client and provider";

    private readonly RSA _key = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, (IQueryCollection Asked, Dictionary<string, object> Claims)> _codes = new();
    private readonly ConcurrentDictionary<string, Dictionary<string, object>> _tokens = new();
    private LoopbackServer _server = null!;

    private OpenIdProvider() { }

    public string Url => _server.Url;

    /// <summary>What is said of whoever signs in next.</summary>
    public Dictionary<string, object> Claims { get; set; } = [];

    /// <summary>Claims that are told at the userinfo endpoint alone.</summary>
    public Dictionary<string, object> OnlyAsked { get; set; } = [];

    /// <summary>Changes the token before it is signed, as an attacker or a wrong set-up would.</summary>
    public Action<SecurityTokenDescriptor> Tamper { get; set; } = _ => { };

    /// <summary>Signs in another key's name.</summary>
    public bool IsForged { get; set; }

    /// <summary>How many have signed out here.</summary>
    public int SignedOut { get; private set; }

    public static async Task<OpenIdProvider> StartAsync()
    {
        var provider = new OpenIdProvider();
        provider._server = await LoopbackServer.StartAsync(provider.AnswerAsync);
        return provider;
    }

    /// <summary>Settings of an installation that trusts it.</summary>
    public (string, string)[] Settings(string mapping = "team=1655:Admin; readers=1655:Viewer; platform=Operator") =>
    [
        ("Ens:OpenIdConnect:Authority", Url), ("Ens:OpenIdConnect:ClientId", ClientId), ("Ens:OpenIdConnect:ClientSecret", ClientSecret), ("Ens:OpenIdConnect:DisplayName", "Harbour ID"),
        ("Ens:OpenIdConnect:RoleClaim", "groups"), ("Ens:OpenIdConnect:OrganizationClaim", "brands"), ("Ens:OpenIdConnect:Mapping", mapping),
    ];

    public static Dictionary<string, object> Person(string sub, string email, params string[] groups) =>
        new() { ["sub"] = sub, ["email"] = email, ["email_verified"] = true, ["name"] = $"{sub} of the provider", ["groups"] = groups };

    private Task AnswerAsync(HttpContext http) => http.Request.Path.Value switch
    {
        "/.well-known/openid-configuration" => http.Response.WriteAsJsonAsync(new
        {
            issuer = Url, authorization_endpoint = Url + "/authorize", token_endpoint = Url + "/token", userinfo_endpoint = Url + "/userinfo", jwks_uri = Url + "/keys", end_session_endpoint = Url + "/end",
            response_types_supported = new[] { "code" }, subject_types_supported = new[] { "public" }, id_token_signing_alg_values_supported = new[] { "RS256" },
        }),
        "/keys" => http.Response.WriteAsJsonAsync(new { keys = new[] { new { kty = "RSA", use = "sig", kid = "k1", alg = "RS256", n = Base64UrlEncoder.Encode(_key.ExportParameters(false).Modulus), e = Base64UrlEncoder.Encode(_key.ExportParameters(false).Exponent) } } }),
        "/authorize" => AuthorizeAsync(http),
        "/token" => TokenAsync(http),
        "/userinfo" => http.Response.WriteAsJsonAsync(_tokens[http.Request.Headers.Authorization.ToString()["Bearer ".Length..]]),
        "/end" => EndAsync(http),
        _ => Receiver.Status(http, 404),
    };

    private Task AuthorizeAsync(HttpContext http)
    {
        var asked = http.Request.Query;
        Assert.Equal((ClientId, "code", "S256"), (asked["client_id"].ToString(), asked["response_type"].ToString(), asked["code_challenge_method"].ToString()));
        var code = Guid.NewGuid().ToString("N");
        _codes[code] = (asked, Claims);
        http.Response.Redirect(QueryHelpers.AddQueryString(asked["redirect_uri"]!, new Dictionary<string, string?> { ["code"] = code, ["state"] = asked["state"] }));
        return Task.CompletedTask;
    }

    private async Task TokenAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync();
        var isGood = _codes.TryRemove(form["code"].ToString(), out var given) && form["client_secret"] == ClientSecret && form["redirect_uri"] == given.Asked["redirect_uri"]
            && Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) == given.Asked["code_challenge"];
        if (!isGood)
        {
            http.Response.StatusCode = 400;
            await http.Response.WriteAsJsonAsync(new { error = "invalid_grant" });
            return;
        }

        using var other = RSA.Create(2048);
        var token = new SecurityTokenDescriptor
        {
            Issuer = Url, Audience = ClientId, IssuedAt = TimeProvider.System.GetUtcNow().UtcDateTime, Expires = TimeProvider.System.GetUtcNow().AddMinutes(5).UtcDateTime,
            Claims = new Dictionary<string, object>(given.Claims.Where(c => !OnlyAsked.ContainsKey(c.Key))) { ["nonce"] = given.Asked["nonce"].ToString() },
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(IsForged ? other : _key) { KeyId = "k1", CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } }, SecurityAlgorithms.RsaSha256),
        };
        Tamper(token);
        var access = Guid.NewGuid().ToString("N");
        _tokens[access] = new Dictionary<string, object>(OnlyAsked) { ["sub"] = given.Claims["sub"] };
        await http.Response.WriteAsJsonAsync(new { access_token = access, token_type = "Bearer", expires_in = 300, id_token = new JsonWebTokenHandler().CreateToken(token) });
    }

    private Task EndAsync(HttpContext http)
    {
        SignedOut++;
        Assert.Equal(ClientId, http.Request.Query["client_id"]);
        http.Response.Redirect(QueryHelpers.AddQueryString(http.Request.Query["post_logout_redirect_uri"]!, "state", http.Request.Query["state"]!));
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _key.Dispose();
    }
}
