namespace Mlp.Features;

/// <summary>
/// Bins of equal relative width, as DDSketch has them (Masson, Rim, Lee 2019), but by the bits of a double instead of its logarithm:
/// each octave is cut into 2^bits equal parts, so that a bin is decided by integers alone, the same on every machine.
/// </summary>
internal static class RelativeBins
{
    private const int FractionBits = 52;

    /// <summary>Parts of an octave, as a power of two, so that a bin's middle is within a relative error of everything in it: 2^−(bits + 1).</summary>
    public static int Bits(double relativeError)
    {
        var bits = 1;
        while (ErrorOf(bits) > relativeError)
        {
            bits++;
        }

        return bits;
    }

    /// <summary>The largest relative error of a bin's middle.</summary>
    public static double ErrorOf(int bits) => Math.ScaleB(1, -(bits + 1));

    /// <summary>A value's bin. Bins are ordered as the values are; 0 is that of zero, and of what is closer to it than 2^−1022.</summary>
    public static long Key(double value, int bits)
    {
        var magnitude = BitConverter.DoubleToInt64Bits(Math.Abs(value));
        if (magnitude < 1L << FractionBits)
        {
            return 0;
        }

        var bin = (magnitude >> (FractionBits - bits)) + 1;
        return value < 0 ? -bin : bin;
    }

    /// <summary>A bin's middle.</summary>
    public static double Middle(long key, int bits)
    {
        if (key == 0)
        {
            return 0;
        }

        var lower = (Math.Abs(key) - 1) << (FractionBits - bits);
        var middle = BitConverter.Int64BitsToDouble(lower);
        if (double.IsFinite(middle))
        {
            middle = BitConverter.Int64BitsToDouble(lower + (1L << (FractionBits - bits - 1)));
        }

        return key < 0 ? -middle : middle;
    }
}
