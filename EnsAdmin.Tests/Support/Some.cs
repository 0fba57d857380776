using System.Text.Json;
using System.Text.Json.Nodes;
using EnsAdmin.Catalog;
using EnsAdmin.Domain;
using Microsoft.Extensions.Time.Testing;

namespace EnsAdmin.Tests.Support;

/// <summary>Ordinary things to test with.</summary>
public static class Some
{
    public const string EventName = "pointsIssued";

    /// <summary>Who makes the changes of tests.</summary>
    public static readonly Actor Actor = new("test");

    private static readonly EventCatalog Catalog = EventCatalog.LoadEmbedded();

    /// <summary>A clock that the test moves.</summary>
    public static FakeTimeProvider Clock() => new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>A valid event of the catalogue, with an id of its own.</summary>
    public static string Event(string eventId, string eventName = EventName)
    {
        var message = JsonNode.Parse(Catalog.ExampleOf(eventName, RunningApp.OrgId))!.AsObject();
        message["eventId"] = eventId;
        return message.ToJsonString(JsonSerializerOptions.Web);
    }

    /// <summary>What somebody says of a record of the directory.</summary>
    public static DirectoryChange Fact(DirectoryKind kind, long id, params (string Field, string? Value)[] facts)
    {
        var (values, given) = (new string?[kind.Fields.Count], 0);
        foreach (var (field, value) in facts)
        {
            values[kind.IndexOf(field)] = value;
            given |= 1 << kind.IndexOf(field);
        }

        return new DirectoryChange(id, values, given);
    }

    public static string Events(IEnumerable<string> eventIds) => $"[{string.Join(',', eventIds.Select(id => Event(id)))}]";
}
