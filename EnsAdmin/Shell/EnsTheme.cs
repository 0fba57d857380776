using System.Text;
using MudBlazor;

namespace EnsAdmin.Shell;

/// <summary>The look as a MudBlazor theme, and as a style sheet that follows the <c>data-theme</c> attribute of the page.</summary>
public static class EnsTheme
{
    private const string Radius = "4px";
    private static readonly string[] Roboto = ["Roboto", "system-ui", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = Fill(new PaletteLight(), EnsColors.Light),
        PaletteDark = Fill(new PaletteDark(), EnsColors.Dark),
        LayoutProperties = new() { DefaultBorderRadius = Radius, AppbarHeight = "64px", DrawerWidthLeft = "240px" },
        Typography = new()
        {
            Default = Type<DefaultTypography>(14, 20),
            H1 = Type<H1Typography>(24, 32, 500),
            H2 = Type<H2Typography>(16, 24, 500),
            H3 = Type<H3Typography>(14, 20, 500),
            H4 = Type<H4Typography>(24, 32, 500),
            H5 = Type<H5Typography>(16, 24, 500),
            H6 = Type<H6Typography>(16, 24, 500),
            Subtitle1 = Type<Subtitle1Typography>(14, 20),
            Subtitle2 = Type<Subtitle2Typography>(12, 16, 500),
            Body1 = Type<Body1Typography>(14, 20),
            Body2 = Type<Body2Typography>(14, 20),
            Button = Type<ButtonTypography>(14, 20, 500),
            Caption = Type<CaptionTypography>(12, 16),
            Overline = Type<OverlineTypography>(12, 16, 500),
        },
    };

    /// <summary>
    /// Both palettes as CSS. The page carries it from the first byte, so the right colours are there before any circuit is;
    /// the selectors outweigh the theme provider's own, which learns of a change only afterwards.
    /// </summary>
    public static string Css { get; } =
        $":root:not([data-theme=dark]){{color-scheme:light;{Mud(dark: false)}{Own(EnsColors.Light)}}}\n" +
        $":root[data-theme=dark]{{color-scheme:dark;{Mud(dark: true)}{Own(EnsColors.Dark)}}}";

    private static T Type<T>(int size, int line, int weight = 400) where T : BaseTypography, new() => new()
    {
        FontFamily = Roboto,
        FontSize = FormattableString.Invariant($"{size / 16m}rem"),
        LineHeight = FormattableString.Invariant($"{line / (decimal)size:0.####}"),
        FontWeight = FormattableString.Invariant($"{weight}"),
        LetterSpacing = "normal",
        TextTransform = "none",
    };

    private static T Fill<T>(T palette, EnsColors c) where T : Palette
    {
        (palette.Background, palette.Surface, palette.BackgroundGray) = (c.Background, c.Surface, c.Hover);
        (palette.AppbarBackground, palette.AppbarText) = (c.Background, c.Text);
        (palette.DrawerBackground, palette.DrawerText, palette.DrawerIcon) = (c.Background, c.TextMuted, c.Icon);
        (palette.TextPrimary, palette.TextSecondary, palette.TextDisabled) = (c.Text, c.TextMuted, c.TextDisabled);
        (palette.ActionDefault, palette.ActionDisabled, palette.ActionDisabledBackground) = (c.Icon, c.TextDisabled, c.Button);
        (palette.Primary, palette.PrimaryContrastText, palette.PrimaryDarken) = (c.Primary, c.OnPrimary, c.PrimaryHover);
        (palette.Success, palette.SuccessContrastText, palette.SuccessDarken) = (c.Primary, c.OnPrimary, c.PrimaryHover);
        (palette.Secondary, palette.SecondaryContrastText, palette.SecondaryDarken) = (c.Accent, c.OnAccent, c.AccentHover);
        (palette.Info, palette.InfoContrastText, palette.InfoDarken) = (c.Accent, c.OnAccent, c.AccentHover);
        (palette.Error, palette.ErrorContrastText) = (c.Error, c.OnError);
        (palette.Warning, palette.WarningContrastText) = (c.Warning, c.OnWarning);
        (palette.LinesDefault, palette.LinesInputs, palette.TableLines) = (c.Line, c.LineInput, c.Line);
        (palette.Divider, palette.DividerLight, palette.TableHover) = (c.Line, c.LineSoft, c.RowHover);
        palette.OverlayDark = c.Veil;
        return palette;
    }

    private static string Mud(bool dark) => string.Concat(new PaletteWriter(dark).Write().Where(line => line.StartsWith("--mud-palette-", StringComparison.Ordinal)));

    private static string Own(EnsColors c) => new StringBuilder()
        .Append("--ens-line-soft:").Append(c.LineSoft).Append(";--ens-icon:").Append(c.Icon)
        .Append(";--ens-button:").Append(c.Button).Append(";--ens-button-hover:").Append(c.ButtonHover)
        .Append(";--ens-table-head:").Append(c.TableHead).Append(";--ens-row-hover:").Append(c.RowHover)
        .Append(";--ens-hover:").Append(c.Hover).Append(";--ens-selected:").Append(c.Selected)
        .Append(";--ens-code:").Append(c.Code).Append(";--ens-json-key:").Append(c.JsonKey)
        .Append(";--ens-json-text:").Append(c.JsonText).Append(";--ens-json-number:").Append(c.JsonNumber).Append(";--ens-mark:").Append(c.Mark)
        .Append(Chip("green", c.Green)).Append(Chip("red", c.Red)).Append(Chip("orange", c.Orange)).Append(Chip("blue", c.Blue)).Append(Chip("gray", c.Gray))
        .ToString();

    private static string Chip(string name, ChipColors c) => $";--ens-{name}-text:{c.Text};--ens-{name}:{c.Background};--ens-{name}-dot:{c.Dot}";

    // The provider alone knows the names of its variables and writes them only for the theme in use; this asks it for each.
    private sealed class PaletteWriter : MudThemeProvider
    {
#pragma warning disable BL0005 // Never rendered: a means to reach the generator.
        public PaletteWriter(bool dark) => (Theme, IsDarkMode) = (EnsTheme.Theme, dark);
#pragma warning restore BL0005

        public string[] Write()
        {
            var css = new StringBuilder();
            GenerateTheme(css);
            return css.ToString().Split('\n', StringSplitOptions.TrimEntries);
        }
    }
}
