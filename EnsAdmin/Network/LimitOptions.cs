using System.ComponentModel.DataAnnotations;

namespace EnsAdmin.Network;

/// <summary>What one caller may use up: section <c>Ens:Limits</c>.</summary>
public sealed class LimitOptions
{
    public const string Section = "Ens:Limits";

    /// <summary>Connections at a time; more are closed.</summary>
    [Range(10, 1_000_000)]
    public int MaxConnections { get; set; } = 4000;

    /// <summary>How long a request's head may take to come.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan HeadTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>All headers of a request together.</summary>
    [Range(4, 256)]
    public int MaxHeadKilobytes { get; set; } = 32;

    /// <summary>The body of any request but <c>POST /v3/events</c>, which has settings of its own.</summary>
    [Range(64, 65_536)]
    public int MaxBodyKilobytes { get; set; } = 2048;

    /// <summary>How long a request may take, its body included; a test event has the time of its call as well.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:30:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Open pages of all people together; each takes memory here.</summary>
    [Range(1, 100_000)]
    public int MaxPages { get; set; } = 500;

    /// <summary>Open pages of one person.</summary>
    [Range(1, 10_000)]
    public int MaxPagesPerPerson { get; set; } = 25;

    /// <summary>Pages that are kept for who has lost the connection, and for how long.</summary>
    [Range(0, 100_000)]
    public int MaxLostPages { get; set; } = 100;

    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan LostPageLifetime { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>Renderings of a page that wait for a slow browser.</summary>
    [Range(1, 1000)]
    public int MaxWaitingRenders { get; set; } = 10;

    /// <summary>One message from an open page.</summary>
    [Range(8, 1024)]
    public int MaxPageMessageKilobytes { get; set; } = 32;

    /// <summary>How long a page's script may take to answer.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ScriptTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Tries to sign in, to set up or to join that may fail from one address in five minutes.</summary>
    [Range(1, 100_000)]
    public int FailedSignInsPerAddress { get; set; } = 30;
}
