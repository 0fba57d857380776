namespace EnsAdmin.Enrichment;

public static class EnrichmentServices
{
    public static IServiceCollection AddEnrichment(this IServiceCollection services) => services.AddSingleton<FragmentReader>().AddSingleton<EventEnrichment>().AddSingleton<WaitingPayloads>().AddSingleton<EnrichedExamples>();
}
