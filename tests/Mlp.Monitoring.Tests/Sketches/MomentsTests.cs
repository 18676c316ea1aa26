using CsCheck;

namespace Mlp.Monitoring.Tests.Sketches;

public class MomentsTests
{
    private static readonly Gen<float[]> Values = Gen.Frequency((9, Gen.Float[-1e4f, 1e4f]), (1, Gen.OneOfConst(float.NaN, float.PositiveInfinity, float.NegativeInfinity))).Array[0, 300];

    [Fact]
    public void Moments_are_those_of_the_two_pass_formulas() => Values.Sample(values =>
    {
        var moments = Of(values);
        var finite = values.Where(float.IsFinite).Select(v => (double)v).ToArray();
        Assert.Equal(finite.Length, moments.Count);
        Assert.Equal(values.Length - finite.Length, moments.Missing);
        var mean = finite.Length == 0 ? double.NaN : finite.Average();
        Assert.Equal(mean, moments.Mean, 1e-7);
        Assert.Equal(finite.Length == 0 ? double.NaN : finite.Average(v => (v - mean) * (v - mean)), moments.Variance, 1e-4);
        Assert.Equal(finite.Length == 0 ? float.NaN : (float)finite.Min(), moments.Min);
        Assert.Equal(finite.Length == 0 ? float.NaN : (float)finite.Max(), moments.Max);
    });

    [Fact]
    public void Merging_parts_gives_the_moments_of_the_whole() => Gen.Select(Values, Values).Sample((first, second) =>
    {
        var whole = Of([.. first, .. second]);
        var merged = Of(first);
        merged.Merge(Of(second));
        Assert.Equal((whole.Count, whole.Missing, whole.Min, whole.Max), (merged.Count, merged.Missing, merged.Min, merged.Max));
        Assert.Equal(whole.Mean, merged.Mean, 1e-7);
        Assert.Equal(whole.Variance, merged.Variance, 1e-4);
    });

    [Fact]
    public void A_small_spread_on_a_large_mean_is_not_lost()
    {
        // The sum of squares minus the square of the sum, in float or double, would lose all of it.
        var moments = Of([.. Enumerable.Range(0, 100_000).Select(i => 8_000_000f + (i % 2))]);
        Assert.Equal(8_000_000.5, moments.Mean, 1e-6);
        Assert.Equal(0.25, moments.Variance, 1e-9);
    }

    private static Moments Of(float[] values)
    {
        var moments = new Moments();
        foreach (var value in values)
        {
            Assert.Equal(float.IsFinite(value), moments.Add(value));
        }

        return moments;
    }
}
