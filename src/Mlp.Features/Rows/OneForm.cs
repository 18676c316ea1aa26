namespace Mlp.Features;

/// <summary>
/// Numbers as rows have them: every NaN the same, and no zero with a sign. So the bytes of equal rows are equal, and a row that came by way of
/// Parquet, which keeps neither, has the bits of one that was pushed.
/// </summary>
internal static class OneForm
{
    public static Half Of(Half value) => Half.IsNaN(value) ? Half.NaN : value == Half.Zero ? Half.Zero : value;

    public static float Of(float value) => float.IsNaN(value) ? float.NaN : value == 0 ? 0 : value;

    public static double Of(double value) => double.IsNaN(value) ? double.NaN : value == 0 ? 0 : value;
}
