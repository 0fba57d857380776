using EnsAdmin.Domain;

namespace EnsAdmin.Data;

/// <summary>
/// Customers, as <see cref="Customer"/> says. None is remembered: a look-up is one page that is mostly in memory, and records that outlive a collection cost more than it.
/// </summary>
internal sealed class CustomerTable : RecordTable
{
    /// <summary>The index of customers whose id is too long to be part of their number.</summary>
    public const string LongIds = "IX_Customers_LongIds";

    /// <summary>In SQL: the number of a customer with a short id, ?1 the organization and ?2 the customer.</summary>
    private const string Number = "(?1 << 32) + ";

    /// <summary>The longest short id.</summary>
    private const string Longest = "4294967295";

    private const string All = "SELECT c.CustomerId, c.Facts, c.Origin, c.OriginAt, c.Exceptions, c.LearnsAfter FROM";

    /// <summary>SQL: the customers of an organization (?1) with these ids (?2, a JSON list), all of them short.</summary>
    internal const string Find = $"{All} json_each(?2) j CROSS JOIN Customers c ON c.Id = {Number} j.value AND c.OrgId = ?1";

    /// <summary>SQL: the same for long ids.</summary>
    internal const string FindLong = $"{All} json_each(?2) j CROSS JOIN Customers c INDEXED BY {LongIds} ON c.Id < 0 AND c.OrgId = ?1 AND c.CustomerId = j.value";

    /// <summary>SQL: the ids of an organization (?1) after one (?2), at most ?3. The parts come one after the other, short ids first.</summary>
    public const string Page = $"""
        SELECT CustomerId FROM (SELECT CustomerId FROM Customers WHERE Id BETWEEN {Number} MAX(MIN(?2, {Longest}), -1) + 1 AND {Number} {Longest} AND OrgId = ?1 AND Origin <> '' ORDER BY Id LIMIT ?3)
        UNION ALL
        SELECT CustomerId FROM (SELECT CustomerId FROM Customers INDEXED BY {LongIds} WHERE Id < 0 AND OrgId = ?1 AND CustomerId > ?2 AND Origin <> '' ORDER BY CustomerId LIMIT ?3)
        LIMIT ?3
        """;

    /// <summary>SQL: the same before one, the nearest first.</summary>
    public const string PageBefore = $"""
        SELECT CustomerId FROM (SELECT CustomerId FROM Customers INDEXED BY {LongIds} WHERE Id < 0 AND OrgId = ?1 AND CustomerId < ?2 AND Origin <> '' ORDER BY CustomerId DESC LIMIT ?3)
        UNION ALL
        SELECT CustomerId FROM (SELECT CustomerId FROM Customers WHERE Id BETWEEN {Number} 0 AND {Number} MIN(?2 - 1, {Longest}) AND OrgId = ?1 AND Origin <> '' ORDER BY Id DESC LIMIT ?3)
        LIMIT ?3
        """;

    private readonly Statement _find, _findOne, _findLong, _put, _putLong, _delete, _deleteLong;

    public CustomerTable(Func<string, Statement> prepare)
    {
        const string Columns = "INSERT OR REPLACE INTO Customers (Id, OrgId, CustomerId, Facts, Origin, OriginAt, Exceptions, LearnsAfter) VALUES";
        _find = prepare(Find);
        _findOne = prepare($"{All} Customers c WHERE c.Id = {Number} ?2 AND c.OrgId = ?1");
        _findLong = prepare(FindLong);
        _put = prepare($"{Columns} ({Number} ?2, ?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        _putLong = prepare($"""
            {Columns} (COALESCE((SELECT Id FROM Customers INDEXED BY {LongIds} WHERE Id < 0 AND OrgId = ?1 AND CustomerId = ?2), MIN(0, COALESCE((SELECT Id FROM Customers ORDER BY Id LIMIT 1), 0)) - 1),
                ?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """);
        _delete = prepare($"DELETE FROM Customers WHERE Id = {Number} ?2");
        _deleteLong = prepare($"DELETE FROM Customers INDEXED BY {LongIds} WHERE Id < 0 AND OrgId = ?1 AND CustomerId = ?2");
    }

    public override Dictionary<long, DirectoryRecord> Current(int orgId, IReadOnlyCollection<long> ids)
    {
        var found = new Dictionary<long, DirectoryRecord>(ids.Count);
        var (numbered, longer) = (ids.Where(IsShort).ToList(), ids.Where(id => !IsShort(id)).ToList());
        // For one, which is what a single event asks, a list would cost as much as the search.
        if (numbered is [var one]) Add(_findOne.Read(Read, orgId, one));
        else if (numbered.Count > 0) Add(_find.Read(Read, orgId, SqliteDirectory.Json(numbered)));
        if (longer.Count > 0) Add(_findLong.Read(Read, orgId, SqliteDirectory.Json(longer)));
        return found;

        void Add(List<DirectoryRecord> records)
        {
            foreach (var record in records) found[record.Id] = record;
        }
    }

    public override void Put(int orgId, DirectoryRecord record) => (IsShort(record.Id) ? _put : _putLong)
        .Execute(orgId, record.Id, SqlValue.Utf8(record.Json.Bytes), record.Origin?.Text ?? "", record.Origin?.At ?? 0, record.Exceptions, record.LearnsAfter);

    public override void Delete(int orgId, long id) => (IsShort(id) ? _delete : _deleteLong).Execute(orgId, id);

    private static bool IsShort(long id) => id is >= 0 and <= uint.MaxValue;

    private static DirectoryRecord Read(Row row) =>
        new(DirectoryKind.Customers, row.Long(0), RecordJson.Read(DirectoryKind.Customers, row.Blob(1)), (row.Text(2), row.Long(3)), row.TextOrNull(4), row.Long(5));
}
