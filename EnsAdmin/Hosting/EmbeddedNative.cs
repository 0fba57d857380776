using System.Runtime.InteropServices;
using SQLitePCL;

namespace EnsAdmin.Hosting;

/// <summary>SQLite's native library of the single-file program, loaded without the runtime's unpacking into the home directory.</summary>
public static class EmbeddedNative
{
    private const string Prefix = "ensadmin-sqlite-";

    /// <summary>To be called before anything uses SQLite; does nothing where the library lies beside the program.</summary>
    public static void Load()
    {
        var program = typeof(EmbeddedNative).Assembly;
        var name = Array.Find(program.GetManifestResourceNames(), n => n.StartsWith("native/", StringComparison.Ordinal));
        if (name is null) return;

        RemoveLeftOvers();
        var directory = Directory.CreateTempSubdirectory(Prefix);
        var path = Path.Combine(directory.FullName, Path.GetFileName(name));
        using (var library = program.GetManifestResourceStream(name)!)
        using (var file = File.Create(path)) library.CopyTo(file);
        var handle = LoadFrom(path);
        // A mapped library outlives its file, except on Windows, where the next start removes it.
        if (!OperatingSystem.IsWindows()) directory.Delete(recursive: true);

        // Asked for each imported function: anything but one handle for all would load SQLite hundreds of times.
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, (library, _, _) => library == "e_sqlite3" ? handle : 0);
    }

    private static nint LoadFrom(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new StartupFailure($"SQLite's library cannot be loaded from {Path.GetTempPath()}; set TMPDIR to a directory that allows programs to run.", e);
        }
    }

    private static void RemoveLeftOvers()
    {
        if (!OperatingSystem.IsWindows()) return;
        foreach (var directory in Directory.GetDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            try
            {
                Directory.Delete(directory, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Still in use by another running program.
            }
        }
    }
}
