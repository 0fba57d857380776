using System.Globalization;
using EnsAdmin.Data;

namespace EnsAdmin.Directories;

/// <summary>Where the files of imports lie: in the data directory, which is nobody else's business. Theirs are customers' data.</summary>
public sealed class ImportFiles(DataDirectory directory, DiskSpace disk)
{
    private readonly string _path = Path.Combine(directory.Path, "imports");

    /// <summary>A new file for what is coming in; <see cref="Keep"/> makes it a job's.</summary>
    /// <param name="bytes">How much is coming.</param>
    /// <returns>Its path.</returns>
    /// <exception cref="UnreadableFileException">The disk has no room for it.</exception>
    public string Incoming(long bytes = 0)
    {
        Create();
        CheckRoom(bytes);
        return Path.Combine(_path, $"incoming-{Guid.NewGuid():N}");
    }

    /// <summary>Looks whether the disk has room for so much.</summary>
    /// <exception cref="UnreadableFileException">It has not.</exception>
    public void CheckRoom(long bytes)
    {
        if (!disk.HasRoomFor(bytes)) throw new UnreadableFileException($"The disk has too little room for this file: {disk.Needed} have to stay free.");
    }

    public string Of(long jobId) => Path.Combine(_path, jobId.ToString(CultureInfo.InvariantCulture));

    /// <summary>The list of the refused lines of a job, which stays after its end.</summary>
    public string RefusedOf(long jobId) => Of(jobId) + ".refused.csv";

    public void Keep(string incoming, long jobId) => File.Move(incoming, Of(jobId), overwrite: true);

    public void Delete(long jobId) => File.Delete(Of(jobId));

    /// <summary>Deletes what no running job needs: what never became a job, files of jobs that have ended, lists of jobs that nobody knows any more.</summary>
    /// <param name="running">Ids of jobs that have not ended.</param>
    /// <param name="known">Ids of all jobs.</param>
    /// <param name="before">What is younger may be coming in just now.</param>
    public void Sweep(IReadOnlySet<long> running, IReadOnlySet<long> known, DateTimeOffset before)
    {
        if (!Directory.Exists(_path)) return;
        foreach (var file in new DirectoryInfo(_path).EnumerateFiles())
        {
            var isId = long.TryParse(file.Name.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id);
            if (file.LastWriteTimeUtc > before.UtcDateTime || isId && (file.Name.Contains('.') ? known : running).Contains(id)) continue;
            file.Delete();
        }
    }

    private void Create() => _ = OperatingSystem.IsWindows() ? Directory.CreateDirectory(_path) : Directory.CreateDirectory(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
}
