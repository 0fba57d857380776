using System.Net;
using EnsAdmin.Domain;
using EnsAdmin.Tests.Support;

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
}
