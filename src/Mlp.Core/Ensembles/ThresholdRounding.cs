namespace Mlp.Core;

/// <summary>Thresholds in double for rows of floats: which float, or which other question, decides alike for every float.</summary>
internal static class ThresholdRounding
{
    public static (NodeMode Mode, double Threshold, NodeFlags Flags) ToFloat(NodeMode mode, double threshold, NodeFlags flags)
    {
        if ((float)threshold == threshold)
        {
            return (mode, threshold, flags);
        }

        return mode switch
        {
            NodeMode.LessOrEqual or NodeMode.Greater => (mode, Down(threshold), flags),
            NodeMode.Less or NodeMode.GreaterOrEqual => (mode, Up(threshold), flags),

            // No float equals it: never yes; and always yes, NaN included.
            NodeMode.Equal => (NodeMode.Less, double.NegativeInfinity, flags),
            _ => (NodeMode.LessOrEqual, double.PositiveInfinity, (flags & NodeFlags.ZeroIsMissing) != 0 ? flags : flags | NodeFlags.MissingGoesTrue),
        };
    }

    // The cast rounds to nearest, so it is off by one float at most; infinity is one beyond the largest.
    private static float Down(double threshold) => (float)threshold > threshold ? MathF.BitDecrement((float)threshold) : (float)threshold;

    private static float Up(double threshold) => (float)threshold < threshold ? MathF.BitIncrement((float)threshold) : (float)threshold;
}
