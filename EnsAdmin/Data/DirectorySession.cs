using EnsAdmin.Domain;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace EnsAdmin.Data;

/// <summary>
/// The directory of one organization, as the screens and the API read it and people change it, on a connection of its own. A change and its audit entry share a
/// transaction; the writer's memory hears of it before its next work.
/// </summary>
public sealed class DirectorySession : IAsyncDisposable
{
    private readonly List<Statement> _prepared = [];
    private readonly SqliteDirectory _tables;
    private readonly SqliteDirectoryReading _reading;

    private DirectorySession(EnsDbContext db)
    {
        Db = db;
        _tables = new SqliteDirectory(Prepare);
        _reading = new SqliteDirectoryReading(Prepare);
    }

    /// <summary>The context of the same organization.</summary>
    public EnsDbContext Db { get; }

    internal static async Task<DirectorySession> OpenAsync(EnsDbContext db, CancellationToken cancel)
    {
        await db.Database.OpenConnectionAsync(cancel);
        return new DirectorySession(db);
    }

    /// <summary>Null where there is none of this id.</summary>
    public DirectoryRecord? Find(DirectoryKind kind, long id) => _tables.Find(Db.OrgId, kind, [id]).GetValueOrDefault(id);

    /// <summary>The records of these ids that there are.</summary>
    public IReadOnlyDictionary<long, DirectoryRecord> Find(DirectoryKind kind, IReadOnlyCollection<long> ids) => _tables.Find(Db.OrgId, kind, ids);

    /// <summary>By id.</summary>
    /// <param name="after">The id before the first one.</param>
    public IReadOnlyList<DirectoryRecord> Page(DirectoryKind kind, long after, int limit) => Records(kind, _reading.Page(Db.OrgId, kind, after, limit));

    /// <summary>By id, those before one; the nearest to it, in rising order.</summary>
    public IReadOnlyList<DirectoryRecord> PageBefore(DirectoryKind kind, long before, int limit) => Records(kind, _reading.PageBefore(Db.OrgId, kind, before, limit));

    /// <summary>Those of this id, and those with an identifier that starts so, by identifier.</summary>
    public IReadOnlyList<DirectoryRecord> Search(DirectoryKind kind, string text, int limit)
    {
        var word = SearchWords.Of(text);
        var ids = _reading.Search(Db.OrgId, kind, word, limit);
        if (IdOf(word) is { } id) ids = [id, .. ids.Where(i => i != id)];
        return [.. Matching(kind, ids, word).Take(limit)];
    }

    /// <summary>The same by id.</summary>
    /// <param name="after">The id before the first one.</param>
    public IReadOnlyList<DirectoryRecord> SearchPage(DirectoryKind kind, string text, long after, int limit)
    {
        var (word, found) = (SearchWords.Of(text), new List<DirectoryRecord>());
        for (var isEnd = false; !isEnd && found.Count < limit;)
        {
            var ids = _reading.SearchPage(Db.OrgId, kind, word, after, limit);
            isEnd = ids.Count < limit;
            if (IdOf(word) is { } id && id > after && (isEnd || id < ids[^1]) && !ids.Contains(id)) ids = [.. ids.Append(id).Order()];
            found.AddRange(Matching(kind, ids, word));
            if (ids.Count > 0) after = ids[^1];
        }

        return [.. found.Take(limit)];
    }

    /// <summary>Tills of a store, by id.</summary>
    public IReadOnlyList<DirectoryRecord> TillsOf(long storeId, int limit) => Records(DirectoryKind.Tills, _reading.TillsOf(Db.OrgId, storeId, limit));

    /// <summary>Runs a change of the directory, and whatever else the context is to save, in one transaction.</summary>
    /// <param name="change">Told what is written by it; adds the audit entry to <see cref="Db"/>.</param>
    public async Task<T> ChangeAsync<T>(Func<SqliteDirectory, T> change, CancellationToken cancel)
    {
        await using var transaction = await Db.Database.BeginTransactionAsync(cancel);
        _tables.ForgetAll(); // Others may have changed what was read before.
        try
        {
            var result = change(_tables);
            await Db.SaveChangesAsync(cancel);
            await transaction.CommitAsync(cancel);
            return result;
        }
        finally
        {
            _tables.Ended();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var statement in _prepared) statement.Dispose();
        await Db.DisposeAsync();
    }

    private static long? IdOf(string word) => long.TryParse(word, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>A word may be in the index a moment longer than in the record.</summary>
    private IEnumerable<DirectoryRecord> Matching(DirectoryKind kind, IReadOnlyList<long> ids, string word) => Records(kind, ids).Where(record =>
    {
        var words = new HashSet<string>();
        SearchWords.Collect(kind, record.Values, words);
        return record.Id == IdOf(word) || words.Any(w => w.StartsWith(word, StringComparison.Ordinal));
    });

    private IReadOnlyList<DirectoryRecord> Records(DirectoryKind kind, IReadOnlyList<long> ids)
    {
        var found = _tables.Find(Db.OrgId, kind, ids);
        return [.. ids.Where(found.ContainsKey).Select(id => found[id])];
    }

    private Statement Prepare(string sql)
    {
        var statement = new Statement(((SqliteConnection)Db.Database.GetDbConnection()).Handle!, sql, () => { });
        _prepared.Add(statement);
        return statement;
    }
}

/// <summary>The SQL by which records are found that nobody names by id.</summary>
internal sealed class SqliteDirectoryReading
{
    private const string Beyond = "\U0010FFFF";

    private readonly Statement[] _pages, _pagesBefore;
    private readonly Statement _search, _searchPage, _tillsOf;

    public SqliteDirectoryReading(Func<string, Statement> prepare)
    {
        _pages = [.. DirectoryKind.All.Select(k => prepare(k == DirectoryKind.Customers ? CustomerTable.Page
            : $"SELECT {k.IdColumn} FROM {k.Table} WHERE OrgId = ?1 AND {k.IdColumn} > ?2 AND Origin <> '' ORDER BY {k.IdColumn} LIMIT ?3"))];
        _pagesBefore = [.. DirectoryKind.All.Select(k => prepare(k == DirectoryKind.Customers ? CustomerTable.PageBefore
            : $"SELECT {k.IdColumn} FROM {k.Table} WHERE OrgId = ?1 AND {k.IdColumn} < ?2 AND Origin <> '' ORDER BY {k.IdColumn} DESC LIMIT ?3"))];
        _search = prepare("SELECT DISTINCT RecordId FROM DirectoryIdentifiers WHERE OrgId = ?1 AND Kind = ?2 AND Value >= ?3 AND Value < ?4 LIMIT ?5");
        _searchPage = prepare("SELECT DISTINCT RecordId FROM DirectoryIdentifiers WHERE OrgId = ?1 AND Kind = ?2 AND Value >= ?3 AND Value < ?4 AND RecordId > ?5 ORDER BY RecordId LIMIT ?6");
        _tillsOf = prepare("SELECT TillId FROM Tills WHERE OrgId = ?1 AND StoreId = ?2 AND Origin <> '' ORDER BY TillId LIMIT ?3");
    }

    public List<long> Page(int orgId, DirectoryKind kind, long after, int limit) => _pages[kind.Number].Read(r => r.Long(0), orgId, after, limit);

    public List<long> PageBefore(int orgId, DirectoryKind kind, long before, int limit)
    {
        var ids = _pagesBefore[kind.Number].Read(r => r.Long(0), orgId, before, limit);
        ids.Reverse();
        return ids;
    }

    public List<long> Search(int orgId, DirectoryKind kind, string word, int limit) =>
        word.Length == 0 ? [] : _search.Read(r => r.Long(0), orgId, kind.Number, word, word + Beyond, limit);

    public List<long> SearchPage(int orgId, DirectoryKind kind, string word, long after, int limit) =>
        word.Length == 0 ? [] : _searchPage.Read(r => r.Long(0), orgId, kind.Number, word, word + Beyond, after, limit);

    public List<long> TillsOf(int orgId, long storeId, int limit) => _tillsOf.Read(r => r.Long(0), orgId, storeId, limit);
}
