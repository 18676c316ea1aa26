namespace Mlp.Kernels;

/// <summary>One step of the search for a rank: a value against a block of <see cref="ThresholdRanks.Fan"/> sorted thresholds.</summary>
internal unsafe interface IRankCount
{
    /// <summary>How many of them the value is not at most; all for NaN.</summary>
    static abstract int NotAtMost(float value, float* block);

    /// <summary>How many of them the value is above; none for NaN.</summary>
    static abstract int Above(float value, float* block);
}
