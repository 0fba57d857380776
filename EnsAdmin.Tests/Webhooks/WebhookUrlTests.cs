using EnsAdmin.Webhooks;

namespace EnsAdmin.Tests.Webhooks;

public sealed class WebhookUrlTests
{
    [Theory]
    [InlineData("https://example.com")]
    [InlineData("HTTPS://Example.com:8443/hooks/%E2%80%AE?a=b@c&d=/e")]
    [InlineData("http://intra_net.local./x")]
    [InlineData("http://[2001:db8::1]:8080/")]
    [InlineData("http://192.0.2.7:1/")]
    [InlineData("https://münchen.example/straße?q=ü")]
    [InlineData("https://пример.example/")]
    [InlineData("https://a23456789012345678901234567890123456789012345678901234567890123.example/")]
    public void An_address_that_can_be_called_is_fine(string url) => Assert.Null(WebhookUrl.Mistake(url));

    [Theory]
    [InlineData("ftp://example.com", "Only http and https addresses can be called.")]
    [InlineData("javascript:alert(1)", "Only http and https addresses can be called.")]
    [InlineData("file:///etc/passwd", "Only http and https addresses can be called.")]
    [InlineData("example.com/hooks", "Give a whole address, such as https://example.com/hooks.")]
    [InlineData("http:example.com", "Give a whole address, such as https://example.com/hooks.")]
    [InlineData("https:///hooks", "Give a whole address, such as https://example.com/hooks.")]
    [InlineData("https://?a", "Give a whole address, such as https://example.com/hooks.")]
    [InlineData("https://exam\u202eple.com", "Character 13 is a space, a line break or one that nobody sees (U+202E); an address has none.")]
    [InlineData("https://example.com/a\u200bb", "Character 22 is a space, a line break or one that nobody sees (U+200B); an address has none.")]
    [InlineData("https://exa\u00admple.com", "Character 12 is a space, a line break or one that nobody sees (U+00AD); an address has none.")]
    [InlineData("https://example.com/\ta", "Character 21 is a space, a line break or one that nobody sees (U+0009); an address has none.")]
    [InlineData("https://example.com/\r\nHost: x", "Character 21 is a space, a line break or one that nobody sees (U+000D); an address has none.")]
    [InlineData("https://example.com/a b", "Character 22 is a space, a line break or one that nobody sees (U+0020); an address has none.")]
    [InlineData("https://example.com\\@evil.example", "Write / instead of \\.")]
    [InlineData("https://user:pass@example.com", "Leave user name and password out of the address, and the @; use an Authorization header.")]
    [InlineData("https://@example.com", "Leave user name and password out of the address, and the @; use an Authorization header.")]
    [InlineData("https://example.com:443@evil.example", "Leave user name and password out of the address, and the @; use an Authorization header.")]
    [InlineData("https://example.com/hooks#part", "Leave out the part from # on; it is never sent.")]
    [InlineData("https://example.com:0/", "A port is a number from 1 to 65535.")]
    [InlineData("https://example.com:65536/", "A port is a number from 1 to 65535.")]
    [InlineData("https://a234567890123456789012345678901234567890123456789012345678901234.example/", "'a234567890123456789012345678901234567890123456789012345678901234' is too long for a part of a host; 63 characters is the most.")]
    [InlineData("https://a..example.com", "This is not the name of a host.")]
    [InlineData("https://ex$ample.com", "This is not the name of a host.")]
    [InlineData("https://exa%6dple.com", "This is not the name of a host.")]
    public void Anything_else_is_refused_with_what_would_be_right(string url, string mistake) => Assert.Equal(mistake, WebhookUrl.Mistake(url));

    [Fact]
    public void A_lone_surrogate_is_refused() => Assert.StartsWith("Character 21 ", WebhookUrl.Mistake("https://example.com/" + '\ud800'), StringComparison.Ordinal);

    [Fact]
    public void A_host_longer_than_any_is_refused() => Assert.NotNull(WebhookUrl.Mistake($"https://{string.Join('.', Enumerable.Repeat("a234567890123456789", 14))}.example"));

    [Theory]
    [InlineData("https://Example.com:443/a?b", "https://Example.com:443/a?b")]
    [InlineData("https://münchen.example:8443/straße?ü", "https://xn--mnchen-3ya.example:8443/straße?ü")]
    [InlineData("https://аpple.example/", "https://xn--pple-43d.example/")]
    [InlineData("http://127。0。0。1/", "http://127.0.0.1/")]
    public void The_host_is_stored_as_it_is_looked_up(string typed, string stored) => Assert.Equal(stored, WebhookUrl.Stored(typed));
}
