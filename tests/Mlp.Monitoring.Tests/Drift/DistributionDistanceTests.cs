using System.Globalization;
using CsCheck;
using Mlp.Monitoring.Tests.Sketches;

namespace Mlp.Monitoring.Tests.Drift;

public class DistributionDistanceTests
{
    // The cases of Oracle/make_distances.py, in float32 as there.
    private static readonly Dictionary<string, (Func<float, float> First, Func<float, float> Second)> Cases = new()
    {
        ["same"] = (u => u, u => u),
        ["shifted"] = (u => u, u => u + 0.25f),
        ["wider"] = (u => u, u => u * 1.5f),
        ["skewed"] = (u => u * u, u => u),
        ["discrete"] = (u => MathF.Floor(u * 5), u => MathF.Floor(u * u * 5)),
        ["heavy tail"] = (u => 1 / (u + 0.0625f), u => 2 / (u + 0.0625f)),
        ["apart"] = (u => u, u => u + 4),
    };

    [Fact]
    public void Distances_equal_scipys_within_the_sketches_bound()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Oracle", "distances.csv"));
        Assert.Equal(Cases.Count, lines.Length);
        foreach (var line in lines)
        {
            var fields = line.Split(',');
            var expected = fields[1..].Select(f => double.Parse(f, CultureInfo.InvariantCulture)).ToArray();
            var (first, second) = Cases[fields[0]];
            var builder = (Reference: new ProfileBuilder(["x"]), Current: new ProfileBuilder(["x"]));
            builder.Reference.Add([.. Uniform(1).Select(first)]);
            builder.Current.Add([.. Uniform(2).Select(second)]);
            var (reference, current) = (builder.Reference.Build().Columns[0], builder.Current.Build().Columns[0]);

            // Each share is off by the bound at most, on both sides; the area by that over the width of what is covered.
            var shares = 2 * new QuantileSketch().RankErrorBound;
            var width = Math.Max(reference.Max, current.Max) - Math.Min(reference.Min, current.Min);
            Assert.Equal(expected[0], DistributionDistance.KolmogorovSmirnov(reference.Distribution, current.Distribution), shares);
            Assert.Equal(expected[1], DistributionDistance.Wasserstein(reference.Distribution, current.Distribution), shares * width);
            Assert.Equal(expected[2], reference.StandardDeviation, 1e-6 * expected[2]);
        }
    }

    [Fact]
    public void Distances_of_few_values_are_exact() => Gen.Select(Gen.Int[-20, 20].Array[1, 100], Gen.Int[-20, 20].Array[1, 100]).Sample((first, second) =>
    {
        double Share(int[] values, int x) => (double)values.Count(v => v <= x) / values.Length;
        var grid = Enumerable.Range(-20, 41).Select(x => Math.Abs(Share(first, x) - Share(second, x))).ToArray();
        var (a, b) = (Of(first), Of(second));
        Assert.Equal(grid.Max(), DistributionDistance.KolmogorovSmirnov(a, b), 1e-12);

        // All values are whole numbers: the area is the sum of steps of width 1.
        Assert.Equal(grid.Sum(), DistributionDistance.Wasserstein(a, b), 1e-9);
    });

    [Fact]
    public void Distances_are_symmetric_and_none_to_oneself() => Gen.Select(Gen.Int[-20, 20].Array[0, 1000], Gen.Int[-20, 20].Array[0, 1000]).Sample((first, second) =>
    {
        var (a, b) = (Of(first), Of(second));
        Assert.Equal(DistributionDistance.KolmogorovSmirnov(a, b), DistributionDistance.KolmogorovSmirnov(b, a));
        Assert.Equal(DistributionDistance.Wasserstein(a, b), DistributionDistance.Wasserstein(b, a));
        Assert.Equal((0.0, 0.0), (DistributionDistance.KolmogorovSmirnov(a, a), DistributionDistance.Wasserstein(a, a)));
    });

    private static SketchDistribution Of(int[] values) => Samples.Sketch([.. values.Select(v => (float)v)]).ToDistribution();

    private static float[] Uniform(ulong state)
    {
        var values = new float[20_000];
        for (var i = 0; i < values.Length; i++)
        {
            state = unchecked((state * 6364136223846793005) + 1442695040888963407);
            values[i] = (state >> 40) / 16777216f;
        }

        return values;
    }
}
