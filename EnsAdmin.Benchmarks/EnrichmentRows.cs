using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace EnsAdmin.Benchmarks;

/// <summary>What it costs to enrich payloads while they come in.</summary>
internal static class EnrichmentRows
{
    private const int Tills = 2000, Stores = 200, Arrays = 20_000, Singles = 10_000, Deliveries = 5000;

    private static int _customers;
    private static long _number;

    /// <summary>
    /// The same events for the same webhook, with every enrichment on and with none, turn by turn over one directory. The customers are anywhere in it, so that most are
    /// not remembered; all facts are known. Nothing is delivered meanwhile: what is measured is how they are taken. Payloads are made when they are sent, so that a delivery is
    /// measured by itself.
    /// </summary>
    public static async Task<Row[]> IngestAsync(int customers, int runs)
    {
        _customers = customers;
        await using var sink = await SinkProcess.StartAsync();
        await using var product = await Product.StartAsync("--Ens:Ingestion:MinFreeDiskMegabytes=0");
        await FillAsync(product, customers);
        await sink.CloseAsync();
        await product.WebhookAsync("enriched", sink.Url + "/enriched", 1, "pointsIssued");
        var webhook = await IdAsync(product, "enriched");

        var (arrays, singles) = (new List<(double, double)>(), new List<(double, double)>());
        var (with, without) = (new List<double>(), new List<double>());
        for (var run = -1; run < runs; run++)
        {
            var took = new Dictionary<bool, (double Arrays, double Singles)>();
            // Who comes first changes, since the second has the larger database.
            foreach (var enriched in run % 2 == 0 ? new[] { true, false } : [false, true])
            {
                await SwitchAsync(product, webhook, "enriched", sink.Url, 1, enriched);
                var bodies = Bodies(Arrays);
                var ofArrays = await Load.TimeAsync(() => Load.PublishAsync(product.Url, bodies));
                var ofSingles = await Load.TimeAsync(() => Load.ForAsync(Singles, 64, _ => Load.PostAsync($"{product.Url}/v3/events", Event())));
                took[enriched] = (ofArrays.TotalSeconds, ofSingles.TotalSeconds);
                (enriched ? with : without).Add(product.Memory / 1e6);
            }

            if (run < 0) continue; // The first warms up.
            arrays.Add((took[true].Arrays / Arrays * 1e6, took[false].Arrays / Arrays * 1e6));
            singles.Add((took[true].Singles / Singles * 1e6, took[false].Singles / Singles * 1e6));
        }

        await CheckAsync(product);
        await SwitchAsync(product, webhook, "enriched", sink.Url, 1, false, active: false);
        var deliveries = await DeliveriesAsync(product, sink, runs);
        var count = customers.ToString("N0", CultureInfo.InvariantCulture);
        return
        [
            Report.Of($"ingest of arrays of 100 with every enrichment over {count} customers, time against the same without", arrays, 1.3, false, "µs/event"),
            Report.Of("the same, single events from 64 clients", singles, 1.2, false, "µs/event"),
            Report.Of("processor time of a delivery with every enrichment, against the same without", deliveries, 1.3, false, "ms"),
            new Row("memory with every enrichment, MB over the same without", with.Max() - without[0], 100, false, string.Create(CultureInfo.InvariantCulture, $"at most {with.Max():0} MB; without, before the first enriched event, {without[0]:0} MB")),
        ];
    }

    /// <summary>Processor time of a delivery out of a backlog, in ms, with every enrichment and with none.</summary>
    private static async Task<List<(double, double)>> DeliveriesAsync(Product product, SinkProcess sink, int runs)
    {
        await product.WebhookAsync("sent", sink.Url + "/sent", 20, "pointsIssued");
        var webhook = await IdAsync(product, "sent");
        var costs = new List<(double, double)>();
        for (var run = -1; run < runs; run++)
        {
            var took = new Dictionary<bool, double>();
            foreach (var enriched in run % 2 == 0 ? new[] { true, false } : [false, true])
            {
                await SwitchAsync(product, webhook, "sent", sink.Url, 20, enriched);
                await sink.CloseAsync();
                await Load.PublishAsync(product.Url, Bodies(Deliveries));
                var (calls, cpu) = (await sink.CallsAsync(), product.Cpu);
                await sink.OpenAsync();
                await sink.UntilAsync(calls + Deliveries);
                took[enriched] = (product.Cpu - cpu).TotalMilliseconds / Deliveries;
            }

            if (run >= 0) costs.Add((took[true], took[false]));
        }

        return costs;
    }

    private static string[] Bodies(int count) => [.. Enumerable.Range(0, count / 100).Select(_ => $"[{string.Join(',', Enumerable.Range(0, 100).Select(_ => Event()))}]")];

    private static async Task<string> IdAsync(Product product, string name) =>
        (await Load.Client.GetFromJsonAsync<JsonElement>($"{product.Url}/v3/webHooks")).GetProperty("data").EnumerateArray().Single(w => w.GetProperty("name").GetString() == name).GetProperty("webHookId").GetString()!;

    private static string Event()
    {
        var n = Interlocked.Increment(ref _number);
        var customer = ImportRows.FirstId + n * 7_368_787 % _customers;
        return string.Create(CultureInfo.InvariantCulture,
            $$$"""{"eventName":"pointsIssued","eventId":"b-{{{Environment.ProcessId}}}-{{{n}}}","refId":"1655_{{{n}}}","apiRequestId":"r-{{{n}}}","orgId":1655,"createdAt":1760000000000,"loyaltyEventId":"log-{{{customer}}}","data":{"customerIdentifiers":{"customerId":{{{customer}}}},"loyaltyProgramId":3,"totalPointsIssued":150,"triggeringActivity":{"name":"TransactionAdd","enteredBy":{"id":{{{n % Tills}}}}},"note":"{{{new string('x', 300)}}}"}}""");
    }

    private static async Task FillAsync(Product product, int customers)
    {
        await PutAsync(product, "stores", Enumerable.Range(0, Stores).Select(i => new { storeId = i, code = $"HC-{i}", name = $"Harbour {i}", externalId = $"S-{i}", externalId1 = "north", externalId2 = "city" }));
        await PutAsync(product, "tills", Enumerable.Range(0, Tills).Select(i => new { tillId = i, code = $"T{i}", name = $"Till {i}", storeId = i % Stores }));
        var file = await ImportRows.FileAsync(customers);
        await Child.RunAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "EnsAdmin.dll"), "import", "customers", file, "--org", "1655"], product.Directory);
        File.Delete(file);
        await using var database = new SqliteConnection($"Data Source={product.Database};Pooling=False");
        await database.OpenAsync();
        // What no file brings: a source besides InStore, balances and awards.
        await using var command = new SqliteCommand("""
            UPDATE Customers SET Facts = json_set(Facts,
                '$.WeChat', json('[{"accountId":"hc","identifiers":[{"identifierType":"openid","identifierValue":"o-' || CustomerId || '"}]}]'),
                '$.Points', json('[{"programId":3,"available":150.5,"origin":"learned:pointsIssued:b","originAt":638000000000000000}]'),
                '$.Awards', json('[{"eventKey":"log-' || CustomerId || '","reference":"5501","referenceType":"POINT_AWARDED","origin":"learned:pointsExpiryChange:b","originAt":638000000000000000}]'))
            """, database) { CommandTimeout = 600 };
        await command.ExecuteNonQueryAsync();
    }

    private static async Task PutAsync(Product product, string kind, IEnumerable<object> records)
    {
        foreach (var piece in records.Chunk(1000))
        {
            using var answer = await Load.Client.PutAsJsonAsync($"{product.Url}/v3/directory/{kind}", piece);
            if (!answer.IsSuccessStatusCode) throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
        }
    }

    private static async Task SwitchAsync(Product product, string webhook, string name, string sink, int connections, bool on, bool active = true)
    {
        using var answer = await Load.Client.PutAsJsonAsync($"{product.Url}/v3/webHooks/{webhook}", new
        {
            name, webHookUrl = $"{sink}/{name}", active, maxAllowedConnections = connections, slaInSeconds = 0, eventNames = new[] { "pointsIssued" },
            tillDetailsEnrichmentEnabled = on, storeDetailsEnrichmentEnabled = on, customerIdentifiersToBeEnriched = on ? EnsAdmin.Domain.IdentifierSources.All : [], cardNumberEnrichmentEnabled = on,
            awardedReferenceEnrichmentEnabled = on, availablePointsBalanceEnrichmentEnabled = on,
        });
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>A cheap enrichment would be one that does not happen.</summary>
    private static async Task CheckAsync(Product product)
    {
        await using var connection = new SqliteConnection($"Data Source={product.Database};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync();
        await using var newest = new SqliteCommand("SELECT MAX(Id) FROM Deliveries WHERE EnrichedId IS NOT NULL", connection);
        var delivery = (await Load.Client.GetFromJsonAsync<JsonElement>($"{product.Url}/v3/deliveries/{(long)(await newest.ExecuteScalarAsync())!}")).GetProperty("data");
        var body = delivery.GetProperty("payload").GetRawText();
        foreach (var fact in (string[])["\"till\":{\"code\"", "\"store\":{\"id\"", "\"mobile\":\"919", "\"cardNumbers\":[\"6200", "\"wechat\"", "\"availablePointsBalance\":150.5", "\"pointAwardedRefID\":5501"])
            if (!body.Contains(fact, StringComparison.Ordinal)) throw new InvalidOperationException($"{fact} is missing in {body}");
    }
}
