namespace Mlp.Core;

/// <summary>How a LightGBM model becomes an ensemble.</summary>
public sealed record LightGbmOptions
{
    /// <summary>Every iteration, in double: LightGBM's own answers to the bit.</summary>
    public static LightGbmOptions Default { get; } = new();

    /// <summary>
    /// The type of rows, <see cref="ElementType.Float64"/> or <see cref="ElementType.Float32"/>. For rows of floats thresholds are rounded so that every
    /// float takes the way that it takes in LightGBM.
    /// </summary>
    public ElementType Input { get; init; } = ElementType.Float64;

    /// <summary>The type leaves are summed in, <see cref="ElementType.Float64"/> as LightGBM does, or <see cref="ElementType.Float32"/>, which is faster.</summary>
    public ElementType Sum { get; init; } = ElementType.Float64;

    /// <summary>How many iterations are used, from the first; null for all that the file has (which ends with the best one where training stopped early).</summary>
    public int? Iterations { get; init; }

    /// <summary>Largest file in bytes.</summary>
    public int FileBytesMax { get; init; } = 1 << 30;

    /// <summary>Checks that the parts can be.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One cannot.</exception>
    public void Validate()
    {
        RequireFloating(Input, nameof(Input));
        RequireFloating(Sum, nameof(Sum));
        if (Iterations is { } iterations)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(iterations, nameof(Iterations));
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(FileBytesMax);
    }

    private static void RequireFloating(ElementType type, string name)
    {
        if (type is not (ElementType.Float32 or ElementType.Float64))
        {
            throw new ArgumentOutOfRangeException(name, type, "expected Float32 or Float64");
        }
    }
}
