using System.CommandLine;
using System.Globalization;
using EnsAdmin.Access;
using EnsAdmin.Data;
using EnsAdmin.Directories;
using EnsAdmin.Domain;
using EnsAdmin.Shared;

namespace EnsAdmin.Hosting;

/// <summary><c>import stores|tills|customers FILE</c>.</summary>
internal static class ImportCommands
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    /// <summary>How long nothing has to be heard of a server that may only be starting again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static Command Create()
    {
        var kind = new Argument<string>("kind") { Description = "stores, tills or customers." };
        kind.AcceptOnlyFromAmong([.. DirectoryKind.All.Select(k => k.Name)]);
        var file = new Argument<FileInfo>("file") { Description = "CSV with the names of its columns in the first line, or NDJSON (.ndjson, .jsonl); UTF-8." };
        var org = new Option<int>("--org") { Description = "The organization's number.", HelpName = "orgId", Required = true };
        var all = new Option<bool>("--all-or-nothing") { Description = "Write nothing where a single line is refused." };
        var dry = new Option<bool>("--dry-run") { Description = "Check the whole file and write nothing." };
        var map = new Option<string[]>("--map") { Description = "Which column a field comes from, such as mobile=Phone; once for each. Without it the names of the columns decide.", HelpName = "field=column" };
        return new AdminCommand("import", "Import stores, tills or customers, also while the server runs: then the server does it.", call => (services, output, error) =>
            ImportAsync(services, output, error, call.GetValue(org), DirectoryKind.Find(call.GetValue(kind))!, call.GetValue(file)!, call.GetValue(all), call.GetValue(dry), call.GetValue(map) ?? [])) { kind, file, org, all, dry, map };
    }

    private static async Task<int> ImportAsync(IServiceProvider services, TextWriter output, TextWriter error, int orgId, DirectoryKind kind, FileInfo file, bool all, bool dry, string[] map)
    {
        if (!services.GetRequiredService<OrganizationStore>().Has(orgId)) return await AdminCommand.AnswerAsync(error, [new("org", $"There is no organization {orgId}.")]);
        if (!file.Exists) return await AdminCommand.AnswerAsync(error, [new("file", $"There is no file {file.FullName}.")]);
        var format = NewImport.FormatOf(file.Name);
        if (map.Length > 0 && format != ImportFormat.Csv) return await AdminCommand.AnswerAsync(error, [new("map", "NDJSON has no columns to map.")]);
        if (map.FirstOrDefault(m => m.Split('=', 2, StringSplitOptions.TrimEntries) is not [{ Length: > 0 }, { Length: > 0 }]) is { } wrong) return await AdminCommand.AnswerAsync(error, [new("map", $"'{wrong}' is no mapping; give field=column, such as mobile=Phone.")]);
        var files = services.GetRequiredService<ImportFiles>();
        IReadOnlyDictionary<string, string>? mapping;
        string incoming;
        try
        {
            mapping = map.Length == 0 ? null : CsvColumns.Mapping(kind, map.Select(m => m.Split('=', 2, StringSplitOptions.TrimEntries)).Select(m => (m[0], m[1])));
            await CheckAsync(error, file, kind, format, mapping);
            incoming = files.Incoming(file.Length);
        }
        catch (UnreadableFileException e)
        {
            return await AdminCommand.AnswerAsync(error, [new("file", e.Message)]);
        }

        await using (var from = file.OpenRead())
        await using (var to = File.Create(incoming)) await from.CopyToAsync(to);
        var store = services.GetRequiredService<ImportStore>();
        var job = await store.AddAsync(orgId, new NewImport(kind, file.Name, format, mapping, all, dry), incoming, AdminCommand.Actor);
        if (await EndedAsync(services, store, job, error) is not { } ended) return await AdminCommand.AnswerAsync(error, [new("server", $"The server that was to do it is gone; import {job.Id} goes on with its next start.")]);
        job = ended;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{ImportWords.Say(job)}: {job.Added:N0} {(dry ? "to add" : "added")}, {job.Changed:N0} {(dry ? "to change" : "changed")}, {job.Unchanged:N0} unchanged, {job.Refused:N0} refused"));
        if (job.Refused > 0) await error.WriteLineAsync($"Each refused line, with its reason: {files.RefusedOf(job.Id)}");
        if (ImportWords.Listed(job) is { } listed) await error.WriteLineAsync(listed);
        if (job.Reason is not null) await error.WriteLineAsync(job.Reason);
        return job is { State: ImportState.Done, Refused: 0 } ? 0 : 1;
    }

    /// <summary>Looks at the file's beginning before there is an import, and names the columns that are not imported.</summary>
    /// <exception cref="UnreadableFileException">It is of another form, or a column that is needed or mapped is not there.</exception>
    private static async Task CheckAsync(TextWriter error, FileInfo file, DirectoryKind kind, ImportFormat format, IReadOnlyDictionary<string, string>? mapping)
    {
        await using var stream = file.OpenRead();
        if (format == ImportFormat.Ndjson)
        {
            ImportLines.CheckNdjson(stream);
            return;
        }

        var heads = ImportLines.Preview(stream, 0).Heads;
        _ = new CsvColumns(kind, heads, mapping);
        var used = mapping ?? CsvColumns.Guess(kind, heads);
        foreach (var head in heads.Where(h => h.Length > 0).Except(used.Values))
            await error.WriteLineAsync($"Column '{head}' is not imported{(CsvColumns.Near(kind, head, used.Keys) is { } near ? $"; the nearest name is {near}" : "")}.");
    }

    /// <summary>Does the work, or waits for the server that has the data directory: also while that one is started again, which it could not be if this took its place.</summary>
    /// <returns>Null where that server is gone.</returns>
    private static async Task<ImportJob?> EndedAsync(IServiceProvider services, ImportStore store, ImportJob job, TextWriter error)
    {
        var (hold, time) = (services.GetRequiredService<DataDirectoryLock>(), services.GetRequiredService<TimeProvider>());
        using var timer = new PeriodicTimer(Look, time);
        var work = new TaskCompletionSource().Task;
        var (isMine, heard, done) = (hold.TryTake(), time.GetTimestamp(), -1L);
        if (isMine)
        {
            services.GetRequiredService<GroupCommitWriter>().Start();
            work = Task.Run(() => services.GetRequiredService<ImportRunner>().RunUntilAsync(job.Id, CancellationToken.None));
        }

        for (Task ticked; ;)
        {
            ticked = timer.WaitForNextTickAsync().AsTask();
            if (await Task.WhenAny(ticked, work) == work) await work;
            job = (await store.FindAsync(job.OrgId, job.Id))!;
            if (job.HasEnded) return job;
            if (job.BytesRead != done) (done, heard) = (job.BytesRead, time.GetTimestamp());
            else if (!isMine && time.GetElapsedTime(heard) > Patience)
            {
                if (hold.IsFree()) return null;
                heard = time.GetTimestamp();
            }

            if (!Console.IsErrorRedirected) await error.WriteAsync($"\r{ImportWords.Progress(job)}   ");
            await ticked;
        }
    }
}
