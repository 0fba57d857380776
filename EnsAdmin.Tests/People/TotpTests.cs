using EnsAdmin.People;
using EnsAdmin.Tests.Support;

namespace EnsAdmin.Tests.People;

public sealed class TotpTests
{
    /// <summary>The key of the examples in RFC 6238, in base 32.</summary>
    private const string Key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    /// <summary>RFC 6238, appendix B, the last six digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_standard(long seconds, string code) => Assert.Equal(code, Totp.Code(Key, DateTimeOffset.FromUnixTimeSeconds(seconds)));

    [Fact]
    public void A_clock_may_be_off_by_one_step_and_no_more()
    {
        var clock = Some.Clock();
        var totp = new Totp(clock);
        string At(int seconds) => Totp.Code(Key, clock.GetUtcNow().AddSeconds(seconds));

        Assert.NotNull(totp.StepOf(Key, At(0)));
        Assert.NotNull(totp.StepOf(Key, At(-30)));
        Assert.NotNull(totp.StepOf(Key, At(30)));
        Assert.NotNull(totp.StepOf(Key, At(0).Insert(3, " ")));
        Assert.Null(totp.StepOf(Key, At(-60)));
        Assert.Null(totp.StepOf(Key, At(60)));
        Assert.Null(totp.StepOf(Key, ""));
    }
}
