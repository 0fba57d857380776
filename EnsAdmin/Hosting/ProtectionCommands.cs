using System.CommandLine;
using EnsAdmin.Protection;

namespace EnsAdmin.Hosting;

/// <summary><c>protect rotate</c>.</summary>
internal static class ProtectionCommands
{
    public static Command Create() => new("protect", "Look after the keys that secrets are encrypted under, also while the server runs.")
    {
        new AdminCommand("rotate", "Make a new key, encrypt every secret in the database anew and remove the old keys. Everybody signs in again.", _ => async (services, output, _) =>
        {
            var count = await services.GetRequiredService<KeyRotation>().RunAsync();
            await output.WriteLineAsync($"Encrypted under a new key: {count}");
            return 0;
        }),
    };
}
