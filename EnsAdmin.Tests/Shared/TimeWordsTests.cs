using EnsAdmin.Shared;

namespace EnsAdmin.Tests.Shared;

public sealed class TimeWordsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 14, 20, 0, 0, TimeSpan.Zero);
    private static readonly TimeZoneInfo HalfPastFive = TimeZoneInfo.CreateCustomTimeZone("half past five", TimeSpan.FromMinutes(330), null, null);

    [Theory]
    [InlineData("2026-03-14T19:00:00Z", "00:30:00")]
    [InlineData("2026-03-14T18:00:00Z", "14 Mar 23:30:00")]
    [InlineData("2025-12-31T10:00:00Z", "31 Dec 2025 15:30:00")]
    public void The_date_is_left_out_today_in_the_organizations_time_zone(string value, string words) =>
        Assert.Equal(words, TimeWords.Say(DateTimeOffset.Parse(value, null), Now, HalfPastFive, relative: false));

    [Theory]
    [InlineData(0, "< 1 ms")]
    [InlineData(0.9, "< 1 ms")]
    [InlineData(84, "84 ms")]
    [InlineData(999.9, "999 ms")]
    [InlineData(1_240, "1.2 s")]
    [InlineData(30_000, "30.0 s")]
    [InlineData(185_000, "3 min 5 s")]
    [InlineData(7_800_000, "2 h 10 min")]
    public void A_duration_is_as_exact_as_it_is_useful(double milliseconds, string words) => Assert.Equal(words, TimeWords.Duration(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void The_title_of_a_moment_is_local_with_its_offset() =>
        Assert.Equal("2026-03-15 01:30:00.000 +05:30", TimeWords.Full(Now, HalfPastFive));

    [Theory]
    [InlineData(0, "just now")]
    [InlineData(12, "12 s ago")]
    [InlineData(119, "1 min ago")]
    [InlineData(3600, "19:00:00")]
    [InlineData(-30, "20:00:30")]
    public void Relative_words_are_used_for_the_last_hour_only(int secondsAgo, string words) =>
        Assert.Equal(words, TimeWords.Say(Now.AddSeconds(-secondsAgo), Now, TimeZoneInfo.Utc, relative: true));
}
