namespace Mlp.Monitoring.Tests.Sketches;

public class QuantileBinsTests
{
    [Fact]
    public void A_smooth_distribution_is_divided_into_equal_shares()
    {
        var distribution = Samples.Sketch(Samples.Shapes["normal"](50_000)).ToDistribution();
        var bins = QuantileBins.Of(distribution);
        Assert.Equal(10, bins.Count);
        Assert.All(bins.SharesOf(distribution), share => Assert.InRange(share, 0.08, 0.12));
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.5)]
    [InlineData(0.95)]
    public void A_flag_is_divided_into_its_two_values(double ones)
    {
        var distribution = Samples.Sketch(Samples.Draw(20_000, r => r.NextDouble() < ones ? 1 : 0)).ToDistribution();
        var shares = QuantileBins.Of(distribution).SharesOf(distribution);
        Assert.Equal(2, shares.Count(s => s > 0));
        Assert.Equal(1, shares.Sum(), 1e-12);
        Assert.InRange(shares.Last(s => s > 0), ones - 0.015, ones + 0.015);
    }

    [Fact]
    public void A_constant_has_a_bin_of_its_own_and_open_bins_on_both_sides()
    {
        var bins = QuantileBins.Of(Samples.Sketch([3, 3, 3]).ToDistribution());
        Assert.Equal([0, 1, 0], bins.SharesOf(Samples.Sketch([3]).ToDistribution()));
        Assert.Equal([1, 0, 0], bins.SharesOf(Samples.Sketch([2.5f]).ToDistribution()));
        Assert.Equal([0, 0, 1], bins.SharesOf(Samples.Sketch([3.5f]).ToDistribution()));
    }
}
