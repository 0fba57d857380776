using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace EnsAdmin.Benchmarks;

/// <summary>How fast a file of customers is imported.</summary>
internal static class ImportRows
{
    public const long FirstId = 100_000;
    private const int RowsACommit = 10_000;

    /// <summary>
    /// The command line with a running server, from its start to its answer, against bare SQLite: the same customers with the same words to search them by, into the
    /// product's own tables, in the order of the file.
    /// </summary>
    public static async Task<Row[]> CustomersAsync(int customers, int runs)
    {
        var pairs = new List<(double, double)>();
        var growth = new List<double>();
        var file = await FileAsync(customers);
        for (var run = 0; run < runs; run++)
        {
            await using var product = await Product.StartAsync("--Ens:Ingestion:MinFreeDiskMegabytes=0");
            var (idle, most) = (product.Memory, 0L);
            using var watching = new CancellationTokenSource();
            var watch = WatchAsync(product, m => most = Math.Max(most, m), watching.Token);
            var started = Stopwatch.GetTimestamp();
            await Child.RunAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "EnsAdmin.dll"), "import", "customers", file, "--org", "1655"], product.Directory);
            var ours = Stopwatch.GetElapsedTime(started);
            await watching.CancelAsync();
            await watch;
            growth.Add((most - idle) / 1e6);
            var theirs = BareSqlite(product.Database, customers);
            pairs.Add((customers / ours.TotalSeconds, customers / theirs.TotalSeconds));
        }

        File.Delete(file);
        var count = customers.ToString("N0", CultureInfo.InvariantCulture);
        return
        [
            Report.Of($"import of {count} customers against bare SQLite", pairs, 0.4, true, "rows/s"),
            new Row("memory during the import, MB over idle", Report.Median(growth), 100, false, string.Join(", ", growth.Select(m => m.ToString("0", CultureInfo.InvariantCulture))) + " MB"),
        ];
    }

    /// <summary>A file of so many customers, whose ids go from <see cref="FirstId"/> on.</summary>
    public static async Task<string> FileAsync(int customers)
    {
        var file = Path.GetTempFileName() + ".csv";
        await File.WriteAllLinesAsync(file, Enumerable.Range(0, customers).Select(i => { var c = Of(i); return $"{c.Id},{c.Mobile},{c.Email},{c.ExternalId},{c.Card}"; }).Prepend("customerId,mobile,email,externalId,cardNumbers"));
        return file;
    }

    private static (long Id, string Mobile, string Email, string ExternalId, string Card) Of(int i)
    {
        // Spread as real ones are: an index of them is written at any place.
        var spread = (long)i * 7_368_787 % 899_999_963;
        return (FirstId + i, string.Create(CultureInfo.InvariantCulture, $"919{spread:000000000}"), string.Create(CultureInfo.InvariantCulture, $"member.{spread}@mail{i % 7}.example"),
            string.Create(CultureInfo.InvariantCulture, $"CRM-{spread * 31 % 999_999_937:X8}"), string.Create(CultureInfo.InvariantCulture, $"6200{spread * 17 % 999_999_937:000000000}"));
    }

    private static async Task WatchAsync(Product product, Action<long> see, CancellationToken until)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (await timer.WaitForNextTickAsync(until)) see(product.Memory);
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
    }

    private static TimeSpan BareSqlite(string database, int customers)
    {
        var schema = new List<string>();
        using (var source = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False"))
        {
            source.Open();
            using var read = new SqliteCommand("SELECT sql FROM sqlite_master WHERE tbl_name IN ('Customers', 'DirectoryIdentifiers') AND sql IS NOT NULL ORDER BY type DESC", source);
            using var rows = read.ExecuteReader();
            while (rows.Read()) schema.Add(rows.GetString(0));
        }

        using var bare = new SqliteConnection($"Data Source={database}-bare;Pooling=False");
        bare.Open();
        void Execute(string sql) { using var command = new SqliteCommand(sql, bare); command.ExecuteNonQuery(); }
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = FULL");
        foreach (var sql in schema) Execute(sql);
        using var customer = new SqliteCommand("INSERT INTO Customers (Id, OrgId, CustomerId, Facts, Origin, OriginAt, LearnsAfter) VALUES ((1655 << 32) + $id, 1655, $id, $facts, 'imported:1', 638000000000000000, 0)", bare);
        using var word = new SqliteCommand("INSERT OR IGNORE INTO DirectoryIdentifiers (OrgId, Kind, Value, RecordId) VALUES (1655, 2, $word, $id)", bare);
        var (id, facts) = (Add(customer, "$id"), Add(customer, "$facts"));
        var (text, of) = (Add(word, "$word"), Add(word, "$id"));
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < customers;)
        {
            using var transaction = bare.BeginTransaction();
            (customer.Transaction, word.Transaction) = (transaction, transaction);
            for (var n = 0; n < RowsACommit && i < customers; n++, i++)
            {
                var c = Of(i);
                (id.Value, facts.Value) = (c.Id, $$"""{"Mobile":"{{c.Mobile}}","Email":"{{c.Email}}","ExternalId":"{{c.ExternalId}}","Cards":[{"number":"{{c.Card}}"}]}""");
                customer.ExecuteNonQuery();
                of.Value = c.Id;
                foreach (var w in (ReadOnlySpan<string>)[c.Mobile, c.Email, c.ExternalId.ToLowerInvariant(), c.Card])
                {
                    text.Value = w;
                    word.ExecuteNonQuery();
                }
            }

            transaction.Commit();
        }

        return Stopwatch.GetElapsedTime(started);
    }

    private static SqliteParameter Add(SqliteCommand command, string name) => command.Parameters.Add(new SqliteParameter(name, null));
}
