using System.Globalization;
using EnsAdmin.Shell;

namespace EnsAdmin.Tests.Shell;

public sealed class ThemeContrastTests
{
    public static TheoryData<string, string, string> Pairs()
    {
        var pairs = new TheoryData<string, string, string>();
        foreach (var (theme, c) in new[] { ("light", EnsColors.Light), ("dark", EnsColors.Dark) })
        {
            foreach (var (name, background) in new[] { ("page", c.Background), ("surface", c.Surface), ("table head", c.TableHead), ("row hover", c.RowHover), ("hover", c.Hover) })
            {
                Add($"text on {name}", c.Text, background);
                Add($"muted text on {name}", c.TextMuted, background);
                Add($"link on {name}", c.Accent, background);
                Add($"error on {name}", c.Error, background);
                Add($"warning on {name}", c.Warning, background);
                Add($"primary on {name}", c.Primary, background);
            }
            Add("text on a button", c.Text, c.Button);
            Add("text on a hovered button", c.Text, c.ButtonHover);
            Add("selected entry", c.Accent, c.Selected);
            Add("primary button", c.OnPrimary, c.Primary);
            Add("hovered primary button", c.OnPrimary, c.PrimaryHover);
            Add("accent button", c.OnAccent, c.Accent);
            Add("hovered accent button", c.OnAccent, c.AccentHover);
            Add("red button", c.OnError, c.Error);
            Add("warning", c.OnWarning, c.Warning);
            Add("JSON", c.Text, c.Code);
            Add("JSON key", c.JsonKey, c.Code);
            Add("JSON text", c.JsonText, c.Code);
            Add("JSON number", c.JsonNumber, c.Code);
            Add("marked text", c.Text, c.Mark);
            foreach (var (name, color) in new[] { ("key", c.JsonKey), ("text", c.JsonText), ("number", c.JsonNumber) }) Add($"JSON {name} that was added", color, c.Green.Background);
            Add("green chip", c.Green.Text, c.Green.Background);
            Add("red chip", c.Red.Text, c.Red.Background);
            Add("orange chip", c.Orange.Text, c.Orange.Background);
            Add("blue chip", c.Blue.Text, c.Blue.Background);
            Add("gray chip", c.Gray.Text, c.Gray.Background);

            void Add(string what, string text, string background) => pairs.Add($"{theme}: {what}", text, background);
        }
        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Text_can_be_read_on_its_background(string what, string text, string background)
    {
        var contrast = Contrast(text, background);
        Assert.True(contrast >= 4.5, FormattableString.Invariant($"{what}: {text} on {background} is {contrast:0.00}:1"));
    }

    [Fact]
    public void The_page_carries_both_palettes_before_any_circuit()
    {
        Assert.Contains(":root:not([data-theme=dark]){color-scheme:light;", EnsTheme.Css, StringComparison.Ordinal);
        Assert.Contains("--mud-palette-primary: rgba(31,122,30,1);", EnsTheme.Css, StringComparison.Ordinal);
        Assert.Contains("--mud-palette-primary: rgba(95,196,93,1);", EnsTheme.Css, StringComparison.Ordinal);
    }

    // WCAG 2.2: relative luminance and contrast ratio.
    private static double Contrast(string a, string b)
    {
        var (x, y) = (Luminance(a), Luminance(b));
        return (Math.Max(x, y) + 0.05) / (Math.Min(x, y) + 0.05);
    }

    private static double Luminance(string hex) => 0.2126 * Channel(hex, 1) + 0.7152 * Channel(hex, 3) + 0.0722 * Channel(hex, 5);

    private static double Channel(string hex, int at)
    {
        var c = byte.Parse(hex.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255d;
        return c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
    }
}
