using EnsAdmin.Data;

namespace EnsAdmin.Hosting;

/// <summary>Keeps a second program out of the data directory for as long as this one has its services.</summary>
public sealed class DataDirectoryLock(DataDirectory directory) : IDisposable
{
    private FileStream? _held;

    /// <summary>Creates the directory where it is missing, and holds it.</summary>
    /// <exception cref="StartupFailure">Another program holds it, or it cannot be written to.</exception>
    public void Take()
    {
        var path = Path.Combine(directory.Path, "ens.lock");
        try
        {
            Create(directory.Path);
            _held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsHeldByAnother(e))
        {
            throw new StartupFailure($"Another EnsAdmin uses the data directory {directory.Path}. Stop it, or give another Ens:DataDirectory.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new StartupFailure($"The data directory {directory.Path} cannot be written to: {e.Message.TrimEnd('.')}. Give another Ens:DataDirectory.", e);
        }
    }

    /// <summary>The same where another program may be there.</summary>
    /// <returns>Whether this one holds it now.</returns>
    public bool TryTake()
    {
        if (_held is not null) return true;
        try
        {
            Take();
            return true;
        }
        catch (StartupFailure e) when (e.InnerException is IOException held && IsHeldByAnother(held))
        {
            return false;
        }
    }

    /// <summary>Whether nobody holds it; looks for a moment only, in which another program could not start.</summary>
    public bool IsFree()
    {
        if (!TryTake()) return false;
        Dispose();
        return true;
    }

    public void Dispose()
    {
        _held?.Dispose();
        _held = null;
    }

    // It holds customers' data and the keys to the receivers' secrets: nobody else's business on a shared machine.
    private static void Create(string path) =>
        _ = OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    // EWOULDBLOCK of Linux and macOS; a sharing or a lock violation of Windows.
    private static bool IsHeldByAnother(IOException e) => OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) is 32 or 33 : e.HResult is 11 or 35;
}
