using System.Globalization;
using System.Text;
using EnsAdmin.Data;
using EnsAdmin.Directories;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

/// <summary>Files on their way into the directory.</summary>
public sealed class ImportScenarios
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Good_lines_are_kept_and_bad_ones_listed()
    {
        await using var app = RunningApp.Start();
        var job = await ImportAsync(app, "customerId,mobile,email\n1,911,a@example.com\nx,912,\n3,913,c@example.com\n1,914,\n5,=9+9\n");

        Assert.Equal((ImportState.Done, new ImportCounts(2, 0, 0, 3)), (job.State, job.Counts));
        Assert.Equal("""
            line,column,value,reason
            3,customerId,x,customerId must be a whole number from 0 on.
            5,customerId,1,This customerId stands on a line before; the first one counts.
            6,,"5,=9+9",The line has 2 columns where the first line names 3.

            """.ReplaceLineEndings("\r\n"), await RefusedAsync(app, job));
        Assert.Equal(["911", "913"], await MobilesAsync(app));
        Assert.False(File.Exists(app.Services.GetRequiredService<ImportFiles>().Of(job.Id)));
    }

    [Fact]
    public async Task A_quote_that_swallows_lines_says_which()
    {
        await using var app = RunningApp.Start();
        var job = await ImportAsync(app, "customerId,mobile\n1,\"911\n2,912\n3,913\n4,\"914\n5,915\n6,\"a\nb\"");
        Assert.Equal(new ImportCounts(1, 0, 0, 2), job.Counts);
        var refused = (await RefusedAsync(app, job)).Split("\r\n");
        Assert.StartsWith("2 to 5,", refused[1], StringComparison.Ordinal);
        Assert.Contains(" A quote makes one of lines 2 to 5.", refused[1]);
        Assert.StartsWith("7 to 8,mobile,", refused[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_of_refused_lines_is_bounded_whatever_the_file_holds_and_says_what_it_leaves_out()
    {
        await using var app = RunningApp.Start();
        var job = await ImportAsync(app, $"customerId,mobile\n{string.Concat(Enumerable.Repeat("x\n", RefusedFile.MaxLines + 2))}");
        Assert.Equal(RefusedFile.MaxLines + 2, job.Refused);
        var listed = (await RefusedAsync(app, job)).Split("\r\n");
        Assert.Equal((RefusedFile.MaxLines + 3, ",,,2 more lines are refused that are not listed."), (listed.Length, listed[^2]));
        Assert.Equal("The first 100,000 refused lines are listed; 2 more are not.", ImportWords.Listed(job));

        // One line with fifty faults of a thousand characters.
        job = await ImportAsync(app, $"customerId,cardNumbers\n1,{string.Join('|', Enumerable.Repeat(new string('9', 1000), 50))}\n");
        listed = (await RefusedAsync(app, job)).Split("\r\n");
        Assert.Equal((13, "2,,,And 40 more faults."), (listed.Length, listed[^2]));
        Assert.All(listed, l => Assert.InRange(l.Length, 0, 300));
    }

    [Fact]
    public async Task The_same_file_again_changes_nothing_and_a_newer_one_only_what_it_says()
    {
        await using var app = RunningApp.Start();
        const string file = "customerId,mobile,email\n1,911,a@example.com\n2,912,b@example.com\n";
        Assert.Equal(new ImportCounts(2, 0, 0, 0), (await ImportAsync(app, file)).Counts);
        Assert.Equal(new ImportCounts(0, 0, 2, 0), (await ImportAsync(app, file)).Counts);
        Assert.Equal(new ImportCounts(1, 1, 1, 0), (await ImportAsync(app, "customerId,mobile\n1,999\n2,\n3,913\n")).Counts);
        Assert.Equal(["999", "912", "913"], await MobilesAsync(app));
        var store = app.Services.GetRequiredService<DirectoryStore>();
        Assert.Empty((await store.SearchAsync(RunningApp.OrgId, DirectoryKind.Customers, "911", 10, Cancel)).Records);
        Assert.Equal([1L], (await store.SearchAsync(RunningApp.OrgId, DirectoryKind.Customers, "999", 10, Cancel)).Records.Select(r => r.Id));
    }

    [Fact]
    public async Task All_or_nothing_writes_nothing_for_one_bad_line()
    {
        await using var app = RunningApp.Start();
        var bad = await ImportAsync(app, "customerId,mobile\n1,911\nx,912\n", allOrNothing: true);
        Assert.Equal((ImportState.Refused, 1L, 0L), (bad.State, bad.Refused, bad.Added));
        Assert.Empty(await MobilesAsync(app));

        var good = await ImportAsync(app, "customerId,mobile\n1,911\n2,912\n", allOrNothing: true);
        Assert.Equal((ImportState.Done, new ImportCounts(2, 0, 0, 0)), (good.State, good.Counts));
    }

    [Fact]
    public async Task Beside_the_customers_id_a_column_that_is_only_called_id_is_something_elses()
    {
        await using var app = RunningApp.Start();
        await ImportAsync(app, "id,customerId,mobile,cardNumbers\n5,2030,92030,c1|c1\n");
        var page = await app.Services.GetRequiredService<DirectoryStore>().PageAsync(RunningApp.OrgId, DirectoryKind.Customers, -1, 100, Cancel);
        var customer = Assert.Single(page.Records);
        Assert.Equal((2030, "92030", """[{"number":"c1"}]"""), (customer.Id, customer.Values[CustomerFields.Mobile], customer.Values[CustomerFields.Cards])); // The same card twice is one.
    }

    [Fact]
    public async Task A_dry_run_says_what_would_happen_and_writes_nothing()
    {
        await using var app = RunningApp.Start();
        await ImportAsync(app, "customerId,mobile\n1,911\n2,912\n");
        var job = await ImportAsync(app, "customerId,mobile\n1,911\n2,999\n3,913\nx,1\n", dryRun: true);
        Assert.Equal((ImportState.Done, new ImportCounts(1, 1, 1, 1)), (job.State, job.Counts));
        Assert.Equal(["911", "912"], await MobilesAsync(app));
    }

    [Theory]
    [InlineData("mobile\n911\n", "No column holds the customerId. The file has: mobile.")]
    [InlineData("", "The file is empty.")]
    public async Task A_file_that_cannot_be_read_fails_with_its_reason(string file, string reason)
    {
        await using var app = RunningApp.Start();
        var job = await ImportAsync(app, file);
        Assert.Equal((ImportState.Failed, reason), (job.State, job.Reason));
    }

    [Theory]
    [InlineData("customerId,mobile\r1,911\r2,912\r")]
    [InlineData("customerId,mobile\r\n1,911\r\n2,912")]
    public async Task Lines_end_as_they_do_on_any_machine(string file)
    {
        await using var app = RunningApp.Start();
        Assert.Equal(new ImportCounts(2, 0, 0, 0), (await ImportAsync(app, file)).Counts);
        Assert.Equal(["911", "912"], await MobilesAsync(app));
    }

    [Fact]
    public async Task What_goes_wrong_in_an_import_ends_that_import_alone_also_where_a_former_process_left_it()
    {
        var data = Directory.CreateTempSubdirectory("ens-test").FullName;
        await using (var before = RunningApp.Start(dataDirectory: data))
        {
            await ImportAsync(before, "customerId\n1\n");
        }

        // Of a kind that this program does not know: no fault that anybody has foreseen.
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(data, "ens.db")};Pooling=False"))
        {
            await connection.OpenAsync(Cancel);
            await using var left = new SqliteCommand("UPDATE ImportJobs SET State = 'Writing', EndedAt = NULL, Kind = 'shelves'", connection);
            await left.ExecuteNonQueryAsync(Cancel);
        }

        await using (var app = RunningApp.Start(dataDirectory: data))
        {
            Assert.Equal(ImportState.Done, (await ImportAsync(app, "customerId\n2\n")).State);
            var failed = (await app.Services.GetRequiredService<ImportStore>().PageAsync(RunningApp.OrgId, 0, 10, Cancel)).Jobs[^1];
            Assert.Equal((ImportState.Failed, "Something went wrong that should not; the log of the program says what."), (failed.State, failed.Reason));
            using var alive = await app.Http.GetAsync("/health/live", Cancel);
            Assert.True(alive.IsSuccessStatusCode);
        }

        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task The_command_line_does_not_wait_for_a_server_that_is_gone_or_an_import_that_fails()
    {
        await using var program = await ProgramRun.UpAsync("--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning");
        await program.KeyAsync();
        var (data, file) = (Path.Combine(program.Directory, "ens-data"), Path.Combine(program.Directory, "customers.csv"));
        await File.WriteAllTextAsync(file, "customerId\nx\n", Cancel);
        var (exitCode, said, _) = await program.CommandAsync("import", "customers", file, "--org", "1655", "--all-or-nothing");
        Assert.Equal((1, "Nothing imported: 0 added, 0 changed, 0 unchanged, 1 refused\n"), (exitCode, said));

        await File.WriteAllLinesAsync(file, Enumerable.Range(0, 200_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i},91{i}")).Prepend("customerId,mobile"), Cancel);
        var command = program.CommandAsync("import", "customers", file, "--org", "1655");
        await Eventually.HoldsAsync(() => Task.FromResult(Count(data, "SELECT COALESCE(MAX(WrittenLine), 0) FROM ImportJobs") > 0), () => "a part of the file");
        await program.KillAsync();
        Assert.Equal((1, "", "The server that was to do it is gone; import 2 goes on with its next start.\n"), await command);
    }

    [Fact]
    public async Task Everything_of_a_large_file_is_found_by_each_of_its_identifiers()
    {
        await using var app = RunningApp.Start();
        var file = new StringBuilder("customerId,mobile,email\n");
        // In no order, and more than are indexed at once.
        for (var i = 0; i < 90_000; i++) file.Append(CultureInfo.InvariantCulture, $"{i * 7919L % 90_000},9{i * 104_729L % 99_999_989:00000000},c{i}@example.com\n");
        var job = await ImportAsync(app, file.ToString());
        Assert.Equal(new ImportCounts(90_000, 0, 0, 0), job.Counts);

        var store = app.Services.GetRequiredService<DirectoryStore>();
        foreach (var i in new[] { 0, 39_999, 40_000, 45_123, 89_999 })
            Assert.Equal([i * 7919L % 90_000], (await store.SearchAsync(RunningApp.OrgId, DirectoryKind.Customers, $"c{i}@example.com", 10, Cancel)).Records.Select(r => r.Id));
        Assert.Equal(180_000, Count(app.DataDirectory, "SELECT COUNT(*) FROM DirectoryIdentifiers"));
    }

    [Fact]
    public async Task Live_traffic_goes_on_while_a_file_is_imported()
    {
        await using var app = RunningApp.Start();
        await using var receiver = await Receiver.StartAsync();
        await app.CreateWebhookAsync(receiver.Url);
        var file = new StringBuilder("customerId,mobile\n");
        for (var i = 0; i < 60_000; i++) file.Append(CultureInfo.InvariantCulture, $"{i},91{i}\n");
        var importing = ImportAsync(app, file.ToString());
        var during = 0;
        while (!importing.IsCompleted)
        {
            await app.PublishAcceptedAsync(Some.Event($"live-{during++}"));
        }

        Assert.Equal(60_000, (await importing).Added);
        Assert.InRange(during, 5, int.MaxValue);
        await receiver.ReceivedAsync(during);
    }

    [Fact]
    public async Task A_cancelled_import_keeps_what_it_has_written_and_that_is_found()
    {
        await using var app = RunningApp.Start();
        var (store, files) = (app.Services.GetRequiredService<ImportStore>(), app.Services.GetRequiredService<ImportFiles>());
        var incoming = files.Incoming();
        await File.WriteAllLinesAsync(incoming, Enumerable.Range(0, 400_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i},91{i}")).Prepend("customerId,mobile"), Cancel);
        var job = await store.AddAsync(RunningApp.OrgId, new NewImport(DirectoryKind.Customers, "customers.csv", ImportFormat.Csv, null, false, false), incoming, Some.Actor, Cancel);
        await Eventually.HoldsAsync(async () => (await store.FindAsync(RunningApp.OrgId, job.Id, Cancel))!.Added > 1000, () => "some lines");

        Assert.True(await store.CancelAsync(RunningApp.OrgId, job.Id, Some.Actor, Cancel));
        Assert.False(await store.CancelAsync(RunningApp.OrgId, job.Id, Some.Actor, Cancel));
        await Eventually.HoldsAsync(() => Task.FromResult(!File.Exists(files.Of(job.Id))), () => "the end");

        job = (await store.FindAsync(RunningApp.OrgId, job.Id, Cancel))!;
        Assert.Equal(ImportState.Cancelled, job.State);
        Assert.InRange(job.Added, 1000, 399_999);
        Assert.Equal(job.Added, Count(app.DataDirectory, "SELECT COUNT(*) FROM Customers"));
        Assert.Equal(job.Added, Count(app.DataDirectory, "SELECT COUNT(*) FROM DirectoryIdentifiers"));
    }

    [Fact]
    public async Task An_import_that_is_killed_goes_on_where_it_was_and_counts_every_line_once()
    {
        const int lines = 60_000;
        await using var program = await ProgramRun.UpAsync("--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning");
        await program.KeyAsync();
        var data = Path.Combine(program.Directory, "ens-data");
        var file = Path.Combine(program.Directory, "customers.csv");
        await File.WriteAllLinesAsync(file, Enumerable.Range(0, lines).Select(i => i % 1000 == 999 ? "x,bad" : string.Create(CultureInfo.InvariantCulture, $"{i},91{i}")).Prepend("customerId,mobile"), Cancel);

        var command = program.CommandAsync("import", "customers", file, "--org", $"{RunningApp.OrgId}");
        for (var kill = 1; kill <= 2; kill++)
        {
            await Eventually.HoldsAsync(() => Task.FromResult(command.IsCompleted || Count(data, "SELECT COALESCE(MAX(WrittenLine), 0) FROM ImportJobs") > lines / 4 * kill), () => "a part of the file");
            await program.KillAsync();
            await program.AgainAsync();
        }

        var (exitCode, output, errors) = await command;
        Assert.Equal((1, "Done: 59,940 added, 0 changed, 0 unchanged, 60 refused\n"), (exitCode, output));
        Assert.Contains(".refused.csv", errors);
        Assert.Equal(lines - 60, Count(data, "SELECT COUNT(*) FROM Customers"));
        Assert.Equal(lines - 60, Count(data, "SELECT COUNT(*) FROM DirectoryIdentifiers"));
        Assert.Equal(61, (await File.ReadAllLinesAsync(errors.Split(": ")[^1].Trim(), Cancel)).Length);
    }

    [Fact]
    public async Task The_command_line_imports_without_a_server_as_well()
    {
        await using var program = await ProgramRun.UpAsync("--urls=http://127.0.0.1:0");
        await program.KeyAsync();
        program.Terminate();
        await program.EndAsync();
        var file = Path.Combine(program.Directory, "stores.ndjson");
        await File.WriteAllTextAsync(file, "{\"storeId\":1,\"name\":\"Quay\"}\n{\"storeId\":2}\n", Cancel);

        Assert.Equal((0, "Dry run done: 2 to add, 0 to change, 0 unchanged, 0 refused\n", ""), await program.CommandAsync("import", "stores", file, "--org", "1655", "--dry-run"));
        Assert.Equal((0, "Done: 2 added, 0 changed, 0 unchanged, 0 refused\n", ""), await program.CommandAsync("import", "stores", file, "--org", "1655", "--all-or-nothing"));
        await File.WriteAllTextAsync(Path.Combine(program.Directory, "crm.csv"), "customerId,mobil,email,Favourite dish\n1,911,a@example.com,soup\n", Cancel);
        const string warning = "Column 'mobil' is not imported; the nearest name is mobile.\nColumn 'Favourite dish' is not imported.\n";
        Assert.Equal((0, "Dry run done: 1 to add, 0 to change, 0 unchanged, 0 refused\n", warning), await program.CommandAsync("import", "customers", "crm.csv", "--org", "1655", "--dry-run"));

        // A mapping names fields as columns are named. What is wrong with it is said before there is an import.
        await File.WriteAllTextAsync(Path.Combine(program.Directory, "crm.csv"), "Member,Phone,Cards\n1,911,7|8\n", Cancel);
        Assert.Equal((0, "Done: 1 added, 0 changed, 0 unchanged, 0 refused\n", ""), await CrmAsync("customerId=Member", "mobile = Phone", "instore.cardNumbers=Cards"));
        Assert.Equal((1, "", "The mapping names no column for the customerId. The file has: Member, Phone, Cards.\n"), await CrmAsync("mobile=Phone"));
        Assert.Equal((1, "", "There is no column 'Mobile'. The file has: Member, Phone, Cards.\n"), await CrmAsync("customerId=Member", "mobile=Mobile"));
        Assert.Equal((1, "", "Two columns are mapped to 'instore.mobile': Phone and Cards.\n"), await CrmAsync("customerId=Member", "mobile=Phone", "instore.mobile=Cards"));
        Assert.StartsWith("A customer has no 'phone' to fill from a column; there are customerId, mobile, email, externalId, cardNumbers, cardExternalIds, instore.id, and of ecommerce, ", (await CrmAsync("phone=Phone")).Errors);
        Assert.Equal(4, Count(Path.Combine(program.Directory, "ens-data"), "SELECT COUNT(*) FROM ImportJobs"));

        Task<(int ExitCode, string Output, string Errors)> CrmAsync(params string[] map) => program.CommandAsync(["import", "customers", "crm.csv", "--org", "1655", .. map.SelectMany(m => new[] { "--map", m })]);
    }

    [Fact]
    public async Task The_command_line_refuses_what_is_not_there()
    {
        await using var program = await ProgramRun.UpAsync("--urls=http://127.0.0.1:0");
        await program.KeyAsync();
        var file = Path.Combine(program.Directory, "stores.ndjson");
        await File.WriteAllTextAsync(file, "{\"storeId\":1}\n", Cancel);
        await File.WriteAllTextAsync(Path.Combine(program.Directory, "array.json"), "[{\"storeId\":1}]", Cancel);
        Assert.StartsWith("The file is one JSON document over all its lines. Give NDJSON", (await program.CommandAsync("import", "stores", "array.json", "--org", "1655")).Errors);
        Assert.Equal((1, "", "NDJSON has no columns to map.\n"), await program.CommandAsync("import", "stores", file, "--org", "1655", "--map", "name=Name"));
        Assert.Equal((1, "", "There is no organization 7.\n"), await program.CommandAsync("import", "stores", file, "--org", "7"));
        var (exitCode, _, errors) = await program.CommandAsync("import", "stores", "none.csv", "--org", "1655");
        Assert.Equal((1, true), (exitCode, errors.StartsWith("There is no file ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_nobody_imported_is_swept_away_after_a_day()
    {
        var time = Some.Clock();
        await using var app = RunningApp.Start(time);
        var (old, young) = (app.Services.GetRequiredService<ImportFiles>().Incoming(), app.Services.GetRequiredService<ImportFiles>().Incoming());
        foreach (var (file, age) in new[] { (old, TimeSpan.FromHours(25)), (young, TimeSpan.FromHours(22)) })
        {
            await File.WriteAllTextAsync(file, "customerId\n1\n", Cancel);
            File.SetLastWriteTimeUtc(file, (time.GetUtcNow() - age).UtcDateTime);
        }

        time.Advance(TimeSpan.FromHours(1));
        await Eventually.HoldsAsync(() => Task.FromResult(!File.Exists(old)), () => "the end of a file that has been there for a day");
        Assert.True(File.Exists(young));
    }

    [Fact]
    public async Task How_an_import_ended_is_told_in_the_audit()
    {
        await using var app = RunningApp.Start();
        await ImportAsync(app, "customerId,mobile\n1,911\nx,912\n");
        await ImportAsync(app, "mobile\n911\n");
        await using var db = app.Services.GetRequiredService<EnsContexts>().Of(RunningApp.OrgId);
        var entries = await db.AuditEntries.Where(e => e.Action == "import.ended").OrderBy(e => e.Id).ToListAsync(Cancel);
        Assert.Equal([("import 1", Some.Actor.Name, """{"status":"Done","added":1,"changed":0,"unchanged":0,"refused":1}"""), ("import 2", Some.Actor.Name, """{"status":"Failed","added":0,"changed":0,"unchanged":0,"refused":0}""")],
            entries.Select(e => (e.Subject, e.By, e.After)));
    }

    private static async Task<ImportJob> ImportAsync(RunningApp app, string file, bool allOrNothing = false, bool dryRun = false)
    {
        var incoming = app.Services.GetRequiredService<ImportFiles>().Incoming();
        await File.WriteAllTextAsync(incoming, file, Cancel);
        var store = app.Services.GetRequiredService<ImportStore>();
        var job = await store.AddAsync(RunningApp.OrgId, new NewImport(DirectoryKind.Customers, "customers.csv", ImportFormat.Csv, null, allOrNothing, dryRun), incoming, Some.Actor, Cancel);
        await Eventually.HoldsAsync(async () => (job = (await store.FindAsync(RunningApp.OrgId, job.Id, Cancel))!).HasEnded && !File.Exists(app.Services.GetRequiredService<ImportFiles>().Of(job.Id)), () => $"the import, which is {job.State} at line {job.WrittenLine}");
        return job;
    }

    private static Task<string> RefusedAsync(RunningApp app, ImportJob job) => File.ReadAllTextAsync(app.Services.GetRequiredService<ImportFiles>().RefusedOf(job.Id), Cancel);

    private static async Task<IEnumerable<string?>> MobilesAsync(RunningApp app)
    {
        var page = await app.Services.GetRequiredService<DirectoryStore>().PageAsync(RunningApp.OrgId, DirectoryKind.Customers, -1, 100, Cancel);
        return page.Records.Select(r => r.Values[CustomerFields.Mobile]);
    }

    private static long Count(string dataDirectory, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(dataDirectory, "ens.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var count = new SqliteCommand(sql, connection);
        return (long)count.ExecuteScalar()!;
    }
}
