using EnsAdmin.Shared;

namespace EnsAdmin.People;

/// <summary>Where to go after the sign-in.</summary>
internal static class Local
{
    /// <summary>The address, where it is a path of ours; the start page otherwise. A link must not lead from here to somebody else's page.</summary>
    public static string Of(string? returnUrl) =>
        returnUrl is ['/', ..] && returnUrl is not ['/', '/' or '\\', ..] && !returnUrl.Any(c => char.IsControl(c) || c == '\\') ? returnUrl : Paths.Home;
}
