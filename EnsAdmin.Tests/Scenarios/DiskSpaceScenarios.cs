using System.Globalization;
using System.Net;
using EnsAdmin.Directories;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EnsAdmin.Tests.Scenarios;

public sealed class DiskSpaceScenarios
{
    [Fact]
    public async Task With_too_little_disk_events_are_refused_and_what_waits_is_still_delivered()
    {
        var data = Directory.CreateTempSubdirectory("ens-test").FullName;
        var time = Some.Clock();
        await using var receiver = await Receiver.StartAsync();
        receiver.Answering(500, 200);
        string webhook;
        await using (var roomy = RunningApp.Start(time, data))
        {
            webhook = await roomy.CreateWebhookAsync(receiver.Url);
            await roomy.PublishAcceptedAsync(Some.Event("e-1"));
            await roomy.DeliveryAsync(webhook, DeliveryStatus.ReplayScheduled, attempts: 1);
        }

        // The setting's most, two thousand terabytes, is more than any disk of a test has free.
        await using (var full = RunningApp.Start(time, data, ("Ens:Ingestion:MinFreeDiskMegabytes", $"{int.MaxValue}")))
        {
            using var answer = await full.PublishAsync(Some.Event("e-2"));
            Assert.Equal(HttpStatusCode.InsufficientStorage, answer.StatusCode);
            Assert.Equal("60", answer.Headers.GetValues("Retry-After").Single());
            Assert.Contains("disk", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

            time.Advance(TimeSpan.FromMinutes(1));
            await full.DeliveryAsync(webhook, DeliveryStatus.Delivered, attempts: 2);
        }

        Assert.All(receiver.Calls, call => Assert.Equal("e-1", call.EventId));
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task With_too_little_disk_no_file_is_taken_and_an_import_that_has_begun_is_broken_off()
    {
        await using var full = RunningApp.Start(settings: ("Ens:Ingestion:MinFreeDiskMegabytes", $"{int.MaxValue}"));
        var (files, store) = (full.Services.GetRequiredService<ImportFiles>(), full.Services.GetRequiredService<ImportStore>());
        Assert.Equal("The disk has too little room for this file: 2147483647 MB have to stay free.", Assert.Throws<UnreadableFileException>(() => { files.Incoming(1); }).Message);

        var came = Path.Combine(full.DataDirectory, "imports", "before"); // While there was room.
        await File.WriteAllTextAsync(came, "customerId\n1\n2\n", TestContext.Current.CancellationToken);
        var job = await store.AddAsync(RunningApp.OrgId, new NewImport(DirectoryKind.Customers, "customers.csv", ImportFormat.Csv, null, false, false), came, Some.Actor, TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(async () => (job = (await store.FindAsync(RunningApp.OrgId, job.Id))!).HasEnded, () => "the import's end");
        Assert.Equal((ImportState.Failed, "Broken off at line 3, since less than 2147483647 MB of disk are free.", 0L), (job.State, job.Reason, job.Added));
    }

    [Fact]
    public async Task An_import_of_all_or_nothing_that_is_half_written_waits_for_disk_and_is_not_broken_off()
    {
        const int lines = 100_000;
        var (data, cancel) = (Directory.CreateTempSubdirectory("ens-test").FullName, TestContext.Current.CancellationToken);
        ImportJob job;
        await using (var roomy = RunningApp.Start(null, data))
        {
            var came = roomy.Services.GetRequiredService<ImportFiles>().Incoming();
            await File.WriteAllLinesAsync(came, Enumerable.Range(0, lines).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i},91{i}")).Prepend("customerId,mobile"), cancel);
            job = await roomy.Services.GetRequiredService<ImportStore>().AddAsync(RunningApp.OrgId, new NewImport(DirectoryKind.Customers, "customers.csv", ImportFormat.Csv, null, true, false), came, Some.Actor, cancel);
            await Eventually.HoldsAsync(async () => (job = await FindAsync(roomy)).WrittenLine > 0, () => "the first written lines");
        }

        var log = new LogLines();
        await using (var full = RunningApp.StartOver(data, log, ("Ens:Ingestion:MinFreeDiskMegabytes", $"{int.MaxValue}")))
        {
            job = await FindAsync(full);
            Assert.InRange(job.WrittenLine, 1, lines);
            await Eventually.HoldsAsync(() => Task.FromResult(log.All.Any(l => l.StartsWith("Less than 2147483647 MB of disk are free", StringComparison.Ordinal))), () => "the import's look at the disk");
            Assert.Equal((ImportState.Writing, job.WrittenLine), ((await FindAsync(full)).State, (await FindAsync(full)).WrittenLine));
        }

        await using (var roomy = RunningApp.Start(null, data))
        {
            await Eventually.HoldsAsync(async () => (job = await FindAsync(roomy)).HasEnded, () => "the import's end");
            Assert.Equal((ImportState.Done, lines), (job.State, job.Added));
        }

        Directory.Delete(data, recursive: true);

        async Task<ImportJob> FindAsync(RunningApp app) => (await app.Services.GetRequiredService<ImportStore>().FindAsync(RunningApp.OrgId, job.Id, cancel))!;
    }
}
