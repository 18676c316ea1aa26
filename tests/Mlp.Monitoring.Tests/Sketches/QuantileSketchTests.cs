using System.Text;
using CsCheck;

namespace Mlp.Monitoring.Tests.Sketches;

public class QuantileSketchTests
{
    public static TheoryData<string> Shapes => [.. Samples.Shapes.Keys];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Ranks_are_within_the_bound(string shape)
    {
        var values = Samples.Shapes[shape](100_000);
        var sketch = Samples.Sketch(values);
        Assert.InRange(Samples.LargestRankError(sketch, values), 0, sketch.RankErrorBound);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Merged_sketches_are_as_good_as_one_of_the_union(string shape)
    {
        var values = Samples.Shapes[shape](60_000);
        var merged = new QuantileSketch();
        foreach (var part in values.Chunk(7_001))
        {
            merged.Merge(Samples.Sketch(part));
        }

        Assert.Equal(values.Length, merged.Count);
        Assert.Equal((values.Min(), values.Max()), (merged.Min, merged.Max));
        Assert.InRange(Samples.LargestRankError(merged, values), 0, merged.RankErrorBound);
    }

    [Fact]
    public void The_bound_is_the_one_that_the_field_states_for_k_200() =>
        Assert.Equal(0.0133, new QuantileSketch(200).RankErrorBound, 0.00005);

    [Fact]
    public void Few_values_are_held_exactly() => Gen.Float[-1000, 1000].Array[1, 150].Sample(values =>
    {
        var distribution = Samples.Sketch(values).ToDistribution();
        foreach (var value in values)
        {
            Assert.Equal((double)values.Count(v => v <= value) / values.Length, distribution.ShareAtMost(value));
        }

        var sorted = values.Order().ToArray();
        for (var i = 0; i < sorted.Length; i++)
        {
            // The smallest value that at least this share is at most so large as.
            Assert.Equal(sorted[i], distribution.Quantile((double)(i + 1) / sorted.Length));
        }
    });

    [Fact]
    public void Memory_and_weights_hold_whatever_is_added_and_merged() =>
        Gen.Select(Gen.Int[8, 300], Gen.Int[0, 3000].Array[1, 12], Gen.Long).Sample((k, parts, seed) =>
        {
            var random = new Random((int)seed);
            var merged = new QuantileSketch(k, seed);
            foreach (var rows in parts)
            {
                var part = new QuantileSketch(k, seed);
                for (var i = 0; i < rows; i++)
                {
                    part.Add(random.NextSingle());
                }

                Assert.Equal(rows, part.Count);
                merged.Merge(part);
                Assert.Equal(merged.Count, merged.Levels.Select((level, h) => (long)level.Count << h).Sum());
                Assert.InRange(merged.Held, 0, (3 * k) + (8 * merged.Levels.Count));
            }

            Assert.Equal(parts.Sum(), merged.Count);
        });

    [Fact]
    public void A_sketch_merged_into_itself_counts_everything_twice()
    {
        var sketch = Samples.Sketch(Samples.Shapes["normal"](5_000));
        var before = sketch.ToDistribution();
        sketch.Merge(sketch);
        Assert.Equal(10_000, sketch.Count);
        Assert.Equal(before.Quantile(0.5), sketch.ToDistribution().Quantile(0.5), 0.1);
    }

    [Fact]
    public void Quantiles_rise_with_the_share_and_end_at_the_exact_extremes() => Gen.Float[-1e6f, 1e6f].Array[1, 3000].Sample(values =>
    {
        var distribution = Samples.Sketch(values).ToDistribution();
        var quantiles = Enumerable.Range(0, 101).Select(i => distribution.Quantile(i / 100.0)).ToArray();
        Assert.Equal(quantiles.Order(), quantiles);
        Assert.Equal((values.Min(), values.Max()), (quantiles[0], quantiles[^1]));
    }, iter: 100);

    [Fact]
    public void The_same_values_in_the_same_order_give_the_same_bytes() =>
        Assert.Equal(QuantileSketchJson.Write(Samples.Sketch(Samples.Shapes["skewed"](30_000))), QuantileSketchJson.Write(Samples.Sketch(Samples.Shapes["skewed"](30_000))));

    [Fact]
    public void A_sketch_that_was_read_goes_on_as_if_it_had_never_been_written()
    {
        var values = Samples.Shapes["normal"](40_000);
        var whole = Samples.Sketch(values);
        var resumed = QuantileSketchJson.Read(QuantileSketchJson.Write(Samples.Sketch(values[..15_000])));
        foreach (var value in values[15_000..])
        {
            resumed.Add(value);
        }

        Assert.Equal(QuantileSketchJson.Write(whole), QuantileSketchJson.Write(resumed));
    }

    [Fact]
    public void An_empty_sketch_answers_nan_and_survives_its_file()
    {
        var sketch = QuantileSketchJson.Read(QuantileSketchJson.Write(new QuantileSketch()));
        Assert.Equal(0, sketch.Count);
        Assert.Equal(float.NaN, sketch.ToDistribution().Quantile(0.5));
        Assert.Equal(double.NaN, sketch.ToDistribution().ShareAtMost(0));
    }

    [Theory]
    [InlineData("\"k\":200", "\"k\":7", "k = 7")]
    [InlineData("\"random\":\"0", "\"random\":\"x", "random state")]
    [InlineData("\"min\":0", "\"min\":1", "beyond its minimum")]
    [InlineData("\"min\":0,", "", "beyond its minimum")]
    [InlineData("[[0,1,2]]", "[]", "0 levels")]
    [InlineData("[0,1,2]", "[0,1,2e40]", "32-bit")]
    [InlineData("[[0,1,2]]", "[[]]", "of no values")]
    [InlineData("[0,1,2]", "[0,1,\"2\"]", "String")]
    public void A_file_that_no_sketch_wrote_is_refused(string right, string wrong, string named)
    {
        var text = Encoding.UTF8.GetString(QuantileSketchJson.Write(Samples.Sketch([0, 1, 2])));
        Assert.Contains(right, text, StringComparison.Ordinal);
        var error = Assert.Throws<MonitoringException>(() => QuantileSketchJson.Read(Encoding.UTF8.GetBytes(text.Replace(right, wrong, StringComparison.Ordinal))));
        Assert.Equal(MonitoringErrors.ProfileInvalid, error.Code);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_with_more_values_than_a_sketch_holds_is_refused()
    {
        var text = $$"""{"k":8,"random":"0000000000000000","min":1,"max":1,"levels":[[{{string.Join(',', Enumerable.Repeat(1, 8))}}]]}""";
        Assert.Contains("fewer than 8", Assert.Throws<MonitoringException>(() => QuantileSketchJson.Read(Encoding.UTF8.GetBytes(text))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_without_a_rank_and_sketches_of_another_accuracy_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new QuantileSketch().Add(float.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new QuantileSketch().Add(float.PositiveInfinity));
        Assert.Equal(MonitoringErrors.ProfilesDiffer, Assert.Throws<MonitoringException>(() => new QuantileSketch(100).Merge(new QuantileSketch(200))).Code);
    }
}
