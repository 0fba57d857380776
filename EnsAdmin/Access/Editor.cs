namespace EnsAdmin.Access;

/// <summary>Who is said to have changed something, until people sign in.</summary>
public static class Editor
{
    /// <summary>On the screens.</summary>
    public const string Name = "admin";

    /// <summary>Over HTTP.</summary>
    public const string Api = "api";
}
