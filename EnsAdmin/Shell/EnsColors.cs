namespace EnsAdmin.Shell;

/// <summary>Text on its tinted background, with the dot before it.</summary>
public sealed record ChipColors(string Text, string Background, string Dot);

/// <summary>The colours of one theme. What is text or carries text keeps a contrast of 4.5:1; a test holds every pair to it.</summary>
public sealed record EnsColors
{
    public required string Background { get; init; }
    public required string Surface { get; init; }
    public required string Text { get; init; }
    public required string TextMuted { get; init; }
    public required string TextDisabled { get; init; }
    public required string Line { get; init; }
    public required string LineSoft { get; init; }
    public required string LineInput { get; init; }
    public required string Icon { get; init; }
    public required string Button { get; init; }
    public required string ButtonHover { get; init; }
    public required string TableHead { get; init; }
    public required string RowHover { get; init; }
    public required string Hover { get; init; }
    public required string Selected { get; init; }
    public required string Primary { get; init; }
    public required string PrimaryHover { get; init; }
    public required string OnPrimary { get; init; }
    public required string Accent { get; init; }
    public required string AccentHover { get; init; }
    public required string OnAccent { get; init; }
    public required string Error { get; init; }
    public required string OnError { get; init; }
    public required string Warning { get; init; }
    public required string OnWarning { get; init; }
    public required string Code { get; init; }
    public required string JsonKey { get; init; }
    public required string JsonText { get; init; }
    public required string JsonNumber { get; init; }
    public required string Mark { get; init; }
    public required string Veil { get; init; }
    public required ChipColors Green { get; init; }
    public required ChipColors Red { get; init; }
    public required ChipColors Orange { get; init; }
    public required ChipColors Blue { get; init; }
    public required ChipColors Gray { get; init; }

    public static EnsColors Light { get; } = new()
    {
        Background = "#ffffff", Surface = "#ffffff",
        Text = "#091e42", TextMuted = "#5e6c84", TextDisabled = "#97a0af",
        Line = "#dfe2e7", LineSoft = "#e8e8e8", LineInput = "#b3bac5", Icon = "#7a869a",
        Button = "#ebecf0", ButtonHover = "#dfe2e7", TableHead = "#fafbfc", RowHover = "#faf9f4", Hover = "#f4f5f7", Selected = "#e9f0fe",
        Primary = "#1f7a1e", PrimaryHover = "#176016", OnPrimary = "#ffffff",
        Accent = "#1f5fe0", AccentHover = "#174bb8", OnAccent = "#ffffff",
        Error = "#b8172a", OnError = "#ffffff", Warning = "#a04100", OnWarning = "#ffffff",
        Code = "#fafbfc", JsonKey = "#0b5394", JsonText = "#2f6b16", JsonNumber = "#7612cc", Mark = "#fff4d6", Veil = "rgba(9,30,66,0.56)",
        Green = new("#17611a", "#ecf7ec", "#47af46"),
        Red = new("#a3121f", "#fbd3d8", "#ea213a"),
        Orange = new("#8f3d00", "#fee5d3", "#f87d23"),
        Blue = new("#123f9e", "#e9f0fc", "#2466ea"),
        Gray = new("#42526e", "#ebecf0", "#7a869a"),
    };

    public static EnsColors Dark { get; } = new()
    {
        Background = "#12161e", Surface = "#1a202b",
        Text = "#e7ebf2", TextMuted = "#a5b1c4", TextDisabled = "#6d7a90",
        Line = "#303a4a", LineSoft = "#252d3a", LineInput = "#4c596e", Icon = "#93a0b5",
        Button = "#2a3342", ButtonHover = "#354052", TableHead = "#181e28", RowHover = "#1d2430", Hover = "#232b38", Selected = "#1b2c50",
        Primary = "#5fc45d", PrimaryHover = "#7ad278", OnPrimary = "#06210a",
        Accent = "#8ab0ff", AccentHover = "#aac6ff", OnAccent = "#0a1a38",
        Error = "#ff8a94", OnError = "#3a050b", Warning = "#ffb27a", OnWarning = "#331600",
        Code = "#161b24", JsonKey = "#86b9f5", JsonText = "#9ed28a", JsonNumber = "#cfa2ff", Mark = "#4a3d12", Veil = "rgba(0,0,0,0.56)",
        Green = new("#9fe09d", "#17321a", "#47af46"),
        Red = new("#ffb3ba", "#481a22", "#ff5a6c"),
        Orange = new("#ffc79d", "#45270f", "#f87d23"),
        Blue = new("#b3ccff", "#1b2c50", "#5b8ff5"),
        Gray = new("#c3ccda", "#2a3342", "#93a0b5"),
    };
}
