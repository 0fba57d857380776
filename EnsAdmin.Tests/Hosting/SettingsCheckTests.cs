using System.ComponentModel.DataAnnotations;
using EnsAdmin.Data;
using EnsAdmin.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Tests.Hosting;

public sealed class SettingsCheckTests
{
    [Theory]
    [InlineData("Ens:DataDirectory", "/var/lib/ens")]
    [InlineData("ens:sample:count", "7")]
    [InlineData("Ens:Sample:Pause", "00:00:05")]
    [InlineData("Ens:Sample:Pause", "1.00:00:00")]
    [InlineData("Ens:Sample:Inner:Loud", "true")]
    [InlineData("Ens:Sample:Shade", "dark")]
    [InlineData("Ens:Sample", "")]
    public void A_right_setting_passes(string key, string value) => Assert.Empty(Mistakes((key, value)));

    [Theory]
    [InlineData("Ens:DataDirectry", "x", "no such setting; did you mean Ens:DataDirectory?")]
    [InlineData("Ens:Smaple:Count", "7", "no such setting; did you mean Ens:Sample:Count?")]
    [InlineData("Ens:Sample:Colour", "x", "no such setting; there are Ens:Sample:Count, Ens:Sample:Inner:Loud, Ens:Sample:Pause, Ens:Sample:Shade")]
    [InlineData("Ens:Sample:Unheard:Of", "x", "no such setting; there are Ens:Sample:Count, Ens:Sample:Inner:Loud, Ens:Sample:Pause, Ens:Sample:Shade")]
    [InlineData("Ens:Foo", "1", "no such setting; --help lists those that there are")]
    [InlineData("Ens:Nothing:Like:It", "1", "no such setting; --help lists those that there are")]
    [InlineData("Ens:DataDirectory", "", "should not be empty")]
    [InlineData("Ens:Sample:Inner", "7", "is a group of settings: Ens:Sample:Inner:Loud")]
    [InlineData("Ens:Sample:Count", "-1", "should be a whole number from 0 to 2147483647")]
    [InlineData("Ens:Sample:Count", "many", "should be a whole number from 0 to 2147483647")]
    [InlineData("Ens:Sample:Count", "99999999999", "should be a whole number from 0 to 2147483647")]
    [InlineData("Ens:Sample:Pause", "5", "should be a duration as 00:00:30 (hours:minutes:seconds) from 00:00:01 to 2.00:00:00")]
    [InlineData("Ens:Sample:Pause", "00:00:00.5", "should be a duration as 00:00:30 (hours:minutes:seconds) from 00:00:01 to 2.00:00:00")]
    [InlineData("Ens:Sample:Inner:Loud", "perhaps", "should be true or false")]
    [InlineData("Ens:Sample:Shade", "pink", "should be one of Light, Dark")]
    public void A_wrong_setting_is_named_with_what_would_be_right(string key, string value, string wrong) =>
        Assert.Equal([$"{key} = \"{value}\": {wrong}"], Mistakes((key, value)));

    [Fact]
    public void Every_mistake_is_in_one_message()
    {
        var failure = Assert.Throws<StartupFailure>(() => Check(("Ens:Sample:Count", "x"), ("Ens:Sample:Pause", "x"), ("Ens:Nonsense", "x")).Run());
        Assert.Equal(4, failure.Message.Split(Environment.NewLine).Length);
        Assert.StartsWith("EnsAdmin cannot start, 3 settings are wrong:", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_over_several_settings_are_asked_once_each_can_be_read() =>
        Assert.Equal(["Ens:Sample:Count has to be even in the dark"], Mistakes(("Ens:Sample:Shade", "Dark"), ("Ens:Sample:Count", "3")));

    [Fact]
    public void Every_setting_stands_in_the_readme_and_in_the_help()
    {
        var readme = File.ReadAllText(Path.Combine(Root(), "README.md"));
        using StringWriter help = new();
        CommandLine.Read(["--help"], help, help);
        var keys = Setting.All().Select(s => s.Key).ToList();
        Assert.Contains("Ens:Delivery:RequestTimeout", keys);
        Assert.DoesNotContain("Ens:Demo", keys);
        Assert.All(keys, key => Assert.True(readme.Contains($"`{key}`", StringComparison.Ordinal) || readme.Contains($"`{key[(key.LastIndexOf(':') + 1)..]}`", StringComparison.Ordinal), key));
        Assert.All(keys, key => Assert.Contains($"--{key} ", help.ToString(), StringComparison.Ordinal));
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "EnsAdmin.sln"))) directory = directory.Parent!;
        return directory.FullName;
    }

    private static IReadOnlyList<string> Mistakes(params (string Key, string Value)[] settings) => Check(settings).Mistakes();

    private static SettingsCheck Check(params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value)).Build());
        services.AddEnsOptions<DemoMode>(DemoMode.Section).AddEnsOptions<StorageOptions>(StorageOptions.Section).AddEnsOptions<SampleOptions>("Ens:Sample");
        services.AddSingleton<SettingsCheck>().AddSingleton<IValidateOptions<SampleOptions>, EvenInTheDark>();
        return services.BuildServiceProvider().GetRequiredService<SettingsCheck>();
    }

    public enum Shade { Light, Dark }

    public sealed class SampleOptions
    {
        [Range(0, int.MaxValue)]
        public int Count { get; set; }

        [Range(typeof(TimeSpan), "00:00:01", "2.00:00:00")]
        public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(1);

        public Shade Shade { get; set; }
        public InnerOptions Inner { get; set; } = new();
    }

    public sealed class InnerOptions
    {
        public bool Loud { get; set; }
    }

    private sealed class EvenInTheDark : IValidateOptions<SampleOptions>
    {
        public ValidateOptionsResult Validate(string? name, SampleOptions options) => options is { Shade: Shade.Dark, Count: var count } && count % 2 == 1
            ? ValidateOptionsResult.Fail("Ens:Sample:Count has to be even in the dark")
            : ValidateOptionsResult.Success;
    }
}
