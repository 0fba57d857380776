using System.Text;
using EnsAdmin.Dispatch;

namespace EnsAdmin.Tests.Dispatch;

public sealed class SecretMaskTests
{
    [Theory]
    [InlineData("Authorization", "Bearer my-secret", "you sent Bearer my-secret", "you sent ••••••")]
    [InlineData("Authorization", "Bearer my-secret", "the token my-secret is old", "the token •••••• is old")]
    [InlineData("Authorization", "Basic dGlsbDpteS1zZWNyZXQ=", "till:my-secret may not", "•••••• may not")]
    [InlineData("Authorization", "Basic dGlsbDpteS1zZWNyZXQ=", "password my-secret", "password ••••••")]
    [InlineData("X-Key", "a\"b/c", "{\"key\":\"a\\\"b/c\"}", "{\"key\":\"••••••\"}")]
    [InlineData("X-Key", "a b&c", "?key=a%20b%26c&other=a+b%26c", "?key=••••••&other=••••••")]
    [InlineData("X-Key", "it's <mine>", "<p>it&#39;s &lt;mine&gt; it&#x27;s &lt;mine&gt; it's &lt;mine&gt;</p>", "<p>•••••• •••••• ••••••</p>")]
    [InlineData("X-Key", "schlüssel", "der schlüssel", "der ••••••")]
    [InlineData("Accept", "application/json", "Content-Type: application/json", "Content-Type: application/json")]
    [InlineData("X-Version", "12", "12 of 12", "12 of 12")] // Too short to be one.
    public void A_value_is_masked_however_it_is_written(string name, string value, string answer, string kept)
    {
        var mask = new SecretMask([KeyValuePair.Create(name, value)]);
        Assert.Equal(kept, mask.Mask(answer));
        Assert.Equal(kept, Encoding.UTF8.GetString(mask.Mask(Encoding.UTF8.GetBytes(answer))));
    }
}
