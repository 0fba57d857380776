namespace EnsAdmin.Dispatch;

/// <summary>The chance in a replay's pause: numbers in [0, 1).</summary>
public sealed class Jitter(Func<double> next)
{
    public static Jitter Random { get; } = new(System.Random.Shared.NextDouble);

    public double Next() => next();
}
