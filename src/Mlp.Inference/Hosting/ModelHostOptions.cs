namespace Mlp.Inference;

/// <summary>Bounds and clock of a host.</summary>
public sealed record ModelHostOptions
{
    /// <summary>Most models at once.</summary>
    public int ModelsMax { get; init; } = 1024;

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Checks the options.</summary>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ModelsMax);
        ArgumentNullException.ThrowIfNull(TimeProvider);
    }
}
