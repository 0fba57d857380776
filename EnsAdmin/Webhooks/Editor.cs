namespace EnsAdmin.Webhooks;

/// <summary>Who the screens say has changed something, until people sign in.</summary>
public static class Editor
{
    public const string Name = "admin";
}
