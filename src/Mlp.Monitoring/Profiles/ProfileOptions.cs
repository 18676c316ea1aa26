namespace Mlp.Monitoring;

/// <summary>How columns are profiled.</summary>
public sealed record ProfileOptions
{
    /// <summary>The defaults.</summary>
    public static ProfileOptions Default { get; } = new();

    /// <summary>Accuracy of each column's <see cref="QuantileSketch"/>; about 3 times as many values are held. Only profiles of the same accuracy merge.</summary>
    public int SketchK { get; init; } = QuantileSketch.DefaultK;

    /// <summary>Where the sketches' random bits start.</summary>
    public long Seed { get; init; }

    /// <summary>Most columns of a profile.</summary>
    public int ColumnsMax { get; init; } = 4_096;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is too small or too large.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(SketchK, QuantileSketch.KMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SketchK, QuantileSketch.KMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ColumnsMax);
    }
}
