namespace Mlp.Kernels;

/// <summary>How a <see cref="TreePlan"/> is chosen.</summary>
public sealed record TreePlanOptions
{
    /// <summary>Longest time that measuring may take, in milliseconds; 0 to take what serves most trees.</summary>
    public int TrialMsMax { get; init; } = 100;

    /// <summary>The walk that takes all rows, by its name; null to choose. A name that no walk has is not heeded, as it may be another kernel's.</summary>
    public string? Walk { get; init; } = KernelChoice.Forced;

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A time is negative, or longer than a minute.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(TrialMsMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(TrialMsMax, 60_000);
    }
}
