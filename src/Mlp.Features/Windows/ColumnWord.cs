namespace Mlp.Features;

/// <summary>A column's value in 64 bits: an integer, the bits of a number (zero without a sign, one NaN), or the hash of a text.</summary>
internal static class ColumnWord
{
    private static readonly long NaNBits = BitConverter.DoubleToInt64Bits(double.NaN);

    /// <summary>The word of an event's value.</summary>
    public static long Of(in FeatureValue value, WordForm form, ColumnKind kind) =>
        value.IsMissing ? NaNBits
        : form == WordForm.Integer ? value.Integer
        : form == WordForm.Text ? Of(value.Text!)
        : Of(RowElements.Rounded(value, kind));

    public static long Of(long value) => value;

    public static long Of(double value) => double.IsNaN(value) ? NaNBits : BitConverter.DoubleToInt64Bits(value + 0.0);

    public static long Of(string value) => CategoryCode.Hash(value);

    public static bool IsNaN(long word) => word == NaNBits;

    /// <summary>The bits of a number as an integer of the same order, and back again.</summary>
    public static long Ordered(long bits) => bits ^ ((bits >> 63) & long.MaxValue);

    /// <summary>A number in steps of a resolution, half to even; false where it does not fit into 64 bits.</summary>
    public static bool TrySteps(long word, double resolution, out long steps)
    {
        var rounded = Math.Round(BitConverter.Int64BitsToDouble(word) / resolution);
        var fits = Math.Abs(rounded) < 9223372036854775808.0;
        steps = fits ? (long)rounded : 0;
        return fits;
    }
}
