namespace EnsAdmin.Domain;

public enum ImportState
{
    /// <summary>Its file is there, and it waits for its turn.</summary>
    Waiting,
    /// <summary>The whole file is read, and nothing is written: a dry run, or the first half of all or nothing.</summary>
    Checking,
    /// <summary>Lines are written.</summary>
    Writing,
    Done,
    /// <summary>Not a line was written, since some were refused and all or nothing was asked for.</summary>
    Refused,
    Cancelled,
    /// <summary>The file could not be read to its end, or something went wrong that should not.</summary>
    Failed,
}

public enum ImportFormat { Csv, Ndjson }

/// <summary>What is counted of a file's lines.</summary>
public readonly record struct ImportCounts(long Added, long Changed, long Unchanged, long Refused)
{
    public long Lines => Added + Changed + Unchanged + Refused;
}

/// <summary>
/// A file on its way into the directory. It lies in the data directory under the job's id until the job has ended; a job that was cut off goes on where it was.
/// </summary>
public sealed class ImportJob
{
    private ImportJob() { }

    /// <param name="kind">As <see cref="DirectoryKind.Name"/>.</param>
    /// <param name="mapping">Columns of the file by the fields they go to.</param>
    public ImportJob(int orgId, string kind, string fileName, ImportFormat format, IReadOnlyDictionary<string, string>? mapping, bool allOrNothing, bool dryRun, long bytes, string by, DateTimeOffset now)
    {
        OrgId = orgId;
        Kind = kind;
        FileName = fileName;
        Format = format;
        Mapping = mapping;
        AllOrNothing = allOrNothing;
        DryRun = dryRun;
        Bytes = bytes;
        CreatedBy = by;
        CreatedAt = now;
    }

    public long Id { get; private set; }
    public int OrgId { get; private set; }
    public string Kind { get; private set; } = "";
    /// <summary>As whoever sent it called it; not where it lies.</summary>
    public string FileName { get; private set; } = "";
    public ImportFormat Format { get; private set; }
    /// <summary>Fields and the names of the columns that they come from; null where the names are the fields' own.</summary>
    public IReadOnlyDictionary<string, string>? Mapping { get; private set; }
    public bool AllOrNothing { get; private set; }
    public bool DryRun { get; private set; }
    public ImportState State { get; private set; }
    /// <summary>Of the file.</summary>
    public long Bytes { get; private set; }
    public long BytesRead { get; private set; }
    public long Added { get; private set; }
    public long Changed { get; private set; }
    public long Unchanged { get; private set; }
    public long Refused { get; private set; }
    /// <summary>The last line that is written; those before it are not written again.</summary>
    public long WrittenLine { get; private set; }
    /// <summary>The last line that can be searched for.</summary>
    public long IndexedLine { get; private set; }
    public string CreatedBy { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? StartedAt { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }
    /// <summary>Why it failed; null where it did not.</summary>
    public string? Reason { get; private set; }

    public ImportCounts Counts => new(Added, Changed, Unchanged, Refused);

    public bool HasEnded => State is ImportState.Done or ImportState.Refused or ImportState.Cancelled or ImportState.Failed;

    /// <summary>Asks for its end. All or nothing that has begun to write is not taken back, and not broken off either.</summary>
    /// <returns>Whether it ends.</returns>
    public bool Cancel(DateTimeOffset now)
    {
        if (HasEnded || AllOrNothing && State == ImportState.Writing) return false;
        (State, EndedAt) = (ImportState.Cancelled, now);
        return true;
    }
}
