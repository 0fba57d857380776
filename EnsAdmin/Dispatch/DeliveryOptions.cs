using System.ComponentModel.DataAnnotations;
using EnsAdmin.Shared;
using Microsoft.Extensions.Options;

namespace EnsAdmin.Dispatch;

/// <summary>How deliveries are sent: section <c>Ens:Delivery</c>.</summary>
public sealed class DeliveryOptions
{
    public const string Section = "Ens:Delivery";

    /// <summary>Bounds a whole exchange, from the look-up of the name to the last byte of the answer.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a delivery is replayed, counted from when its first attempt was due.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan ReplayWindow { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The shortest pause before the first replay; it doubles with every further one.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan FirstBackoff { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest pause between replays.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>The longest pause that a receiver's <c>Retry-After</c> can ask for.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Calls in flight over all webhooks.</summary>
    [Range(1, 10_000)]
    public int MaxCallsInFlight { get; set; } = 256;

    /// <summary>Networks in CIDR form, separated by commas, that webhooks may be called in though they are not public.</summary>
    [NetworkList]
    public string AllowedNetworks { get; set; } = "";

    /// <summary>What calls in flight get when the program stops.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>What must fit together.</summary>
internal sealed class DeliveryOptionsRules : IValidateOptions<DeliveryOptions>
{
    public ValidateOptionsResult Validate(string? name, DeliveryOptions options) => options.FirstBackoff > options.MaxBackoff
        ? ValidateOptionsResult.Fail($"{DeliveryOptions.Section}:{nameof(options.FirstBackoff)} = {options.FirstBackoff}: should not be longer than {DeliveryOptions.Section}:{nameof(options.MaxBackoff)}, {options.MaxBackoff}")
        : ValidateOptionsResult.Success;
}
