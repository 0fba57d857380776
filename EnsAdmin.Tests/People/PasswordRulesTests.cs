using EnsAdmin.People;

namespace EnsAdmin.Tests.People;

public sealed class PasswordRulesTests
{
    [Theory]
    [InlineData("otter maple seven kites")]
    [InlineData("nv8#kq2!wz5x")]
    [InlineData("пароль для кофейни")]
    public void Length_is_all_that_is_asked_for(string password) => Assert.Null(PasswordRules.Mistake(password, "jo@example.com"));

    [Theory]
    [InlineData(null, "at least 12")]
    [InlineData("short", "at least 12")]
    [InlineData("elevenchars", "at least 12")]
    [InlineData("password1234", "first passwords")]
    [InlineData("PassWord1234", "first passwords")]
    [InlineData("qwertyuiop123", "first passwords")]
    [InlineData("123456789012", "first passwords")]
    [InlineData("abababababab", "first passwords")]
    [InlineData("jo@example.com", "e-mail address")]
    [InlineData("i am jo@example.com", "e-mail address")]
    public void The_commonest_and_the_short_are_refused_with_a_reason(string? password, string reason) =>
        Assert.Contains(reason, PasswordRules.Mistake(password, "jo@example.com"), StringComparison.Ordinal);

    [Fact]
    public void A_password_of_more_than_128_characters_is_refused() =>
        Assert.Contains("at most 128", PasswordRules.Mistake(string.Concat(Enumerable.Range(0, 43).Select(i => $"{i:000}"))), StringComparison.Ordinal);
}
