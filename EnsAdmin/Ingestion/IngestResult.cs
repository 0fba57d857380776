using EnsAdmin.Shared;

namespace EnsAdmin.Ingestion;

/// <summary>What a producer is told of one accepted event.</summary>
/// <param name="Deliveries">How many webhooks it goes to.</param>
public sealed record AcceptedEvent(string EventId, int Deliveries);

/// <summary>What came of a request to publish events.</summary>
public abstract record IngestResult
{
    private IngestResult() { }

    /// <summary>On disk, in the order of the request.</summary>
    public sealed record Accepted(IReadOnlyList<AcceptedEvent> Events, bool IsArray) : IngestResult;
    /// <summary>Nothing was stored.</summary>
    public sealed record Invalid(IReadOnlyList<ApiError> Errors) : IngestResult;
    public sealed record TooLarge(ApiError Error) : IngestResult;
    /// <summary>An eventId is taken by another event. Nothing was stored.</summary>
    public sealed record Conflict(ApiError Error) : IngestResult;
    /// <summary>The writer's queue is full.</summary>
    public sealed record Busy : IngestResult;
    /// <summary>The disk has too little room.</summary>
    public sealed record DiskFull : IngestResult;
}
