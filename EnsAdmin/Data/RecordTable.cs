using EnsAdmin.Domain;

namespace EnsAdmin.Data;

/// <summary>The table of one kind of record.</summary>
internal abstract class RecordTable
{
    public static RecordTable Of(DirectoryKind kind, Func<string, Statement> prepare) => kind == DirectoryKind.Customers ? new CustomerTable(prepare) : new PlaceTable(kind, prepare);

    /// <summary>The records of these ids as the running transaction finds them, by id; also those that are forgotten.</summary>
    public abstract Dictionary<long, DirectoryRecord> Current(int orgId, IReadOnlyCollection<long> ids);

    public abstract void Put(int orgId, DirectoryRecord record);

    public abstract void Delete(int orgId, long id);

    /// <summary>Another connection has changed something: what is remembered holds no more.</summary>
    public virtual void ForgetAll()
    {
    }

    /// <summary>The transaction has ended, one way or the other.</summary>
    public virtual void Settle()
    {
    }
}
