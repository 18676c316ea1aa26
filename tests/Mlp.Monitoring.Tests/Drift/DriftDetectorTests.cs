using CsCheck;
using Mlp.Monitoring.Tests.Sketches;

namespace Mlp.Monitoring.Tests.Drift;

public class DriftDetectorTests
{
    private static readonly float[] Normal = Samples.Shapes["normal"](20_000);
    private static readonly float[] OtherNormal = Samples.Draw(10_000, r => (float)(Math.Sqrt(-2 * Math.Log(1 - r.NextDouble())) * Math.Cos(2 * Math.PI * r.NextDouble())), seed: 99);

    public static TheoryData<DriftStatistic> Statistics => [.. Enum.GetValues<DriftStatistic>()];

    [Theory]
    [MemberData(nameof(Statistics))]
    public void Another_sample_of_the_same_distribution_is_stable(DriftStatistic statistic)
    {
        var report = Compare(Normal, OtherNormal, new DriftOptions { Statistic = statistic });
        Assert.Equal(DriftStatus.Stable, report.Status);
        Assert.Equal(DriftStatus.Stable, report.Columns[0].Status);
        Assert.InRange(report.Columns[0].PopulationStabilityIndex, 0, 0.02);
    }

    [Theory]
    [MemberData(nameof(Statistics))]
    public void A_shift_of_half_a_deviation_is_drift(DriftStatistic statistic)
    {
        var report = Compare(Normal, [.. OtherNormal.Select(v => v + 0.5f)], new DriftOptions { Statistic = statistic });
        Assert.Equal(DriftStatus.Drift, report.Status);
        Assert.Equal(1, report.DriftedColumns);
        Assert.True(report.Columns[0].Score >= report.Columns[0].Threshold.Drift);
    }

    [Fact]
    public void Between_the_thresholds_is_a_warning()
    {
        var report = Compare(Normal, [.. OtherNormal.Select(v => v + 0.36f)]);
        Assert.Equal((DriftStatus.Warning, DriftStatus.Warning, 0), (report.Status, report.Columns[0].Status, report.DriftedColumns));
        Assert.InRange(report.Columns[0].Score, 0.1, 0.2);
    }

    [Fact]
    public void The_stability_index_is_the_formula_over_smoothed_shares()
    {
        // A flag: 80 zeros and 20 ones before, half and half now; few enough for the sketch to hold them all.
        float[] before = [.. Enumerable.Repeat(0f, 80), .. Enumerable.Repeat(1f, 20)];
        float[] now = [.. Enumerable.Repeat(0f, 50), .. Enumerable.Repeat(1f, 50)];
        double Share(int rows) => (rows + 0.5) / 101;
        var expected = ((Share(50) - Share(80)) * Math.Log(Share(50) / Share(80))) + ((Share(50) - Share(20)) * Math.Log(Share(50) / Share(20)));
        Assert.Equal(expected, Compare(before, now).Columns[0].PopulationStabilityIndex, 1e-12);
    }

    [Fact]
    public void The_stability_index_is_never_negative() => Gen.Select(Gen.Int[0, 5].Array[1, 150], Gen.Int[0, 5].Array[1, 150]).Sample((before, now) =>
        Assert.True(Compare([.. before.Select(i => (float)i)], [.. now.Select(i => (float)i)]).Columns[0].PopulationStabilityIndex >= 0));

    [Fact]
    public void A_constant_is_stable_until_it_moves()
    {
        float[] three = [.. Enumerable.Repeat(3f, 500)];
        var still = Compare(three, [.. Enumerable.Repeat(3f, 900)]);
        Assert.Equal((DriftStatus.Stable, 0.0, 0.0), (still.Status, still.Columns[0].KolmogorovSmirnov, still.Columns[0].Wasserstein));
        Assert.InRange(still.Columns[0].PopulationStabilityIndex, 0, 1e-9);
        var moved = Compare(three, [.. Enumerable.Repeat(3.01f, 900)]);
        Assert.Equal((DriftStatus.Drift, 1.0, double.PositiveInfinity), (moved.Status, moved.Columns[0].KolmogorovSmirnov, moved.Columns[0].Wasserstein));
    }

    [Fact]
    public void A_column_without_values_is_stable_while_it_stays_so()
    {
        float[] missing = [.. Enumerable.Repeat(float.NaN, 500)];
        var still = Compare(missing, missing).Columns[0];
        Assert.Equal((DriftStatus.Stable, 0.0, 0.0, 0.0), (still.Status, still.PopulationStabilityIndex, still.KolmogorovSmirnov, still.Wasserstein));
        foreach (var statistic in Enum.GetValues<DriftStatistic>())
        {
            var options = new DriftOptions { Statistic = statistic };
            Assert.Equal(DriftStatus.Drift, Compare(Normal, missing, options).Status);
            Assert.Equal(DriftStatus.Drift, Compare(missing, Normal, options).Status);
        }
    }

    [Fact]
    public void Values_that_go_missing_are_drift_even_when_the_rest_stays()
    {
        var report = Compare(Normal, [.. OtherNormal.Select((v, i) => i % 5 == 0 ? float.NaN : v)]);
        Assert.Equal(DriftStatus.Drift, report.Status);
        Assert.Equal((0.0, 0.2), (report.Columns[0].MissingShareReference, report.Columns[0].MissingShareCurrent));
        Assert.InRange(report.Columns[0].KolmogorovSmirnov, 0, 0.04);
    }

    [Theory]
    [InlineData(1, DriftStatus.Warning)]
    [InlineData(2, DriftStatus.Drift)]
    [InlineData(0, DriftStatus.Stable)]
    public void A_data_set_drifts_when_half_of_its_columns_do(int moved, DriftStatus expected)
    {
        var reference = Profile(4, (random, _) => random.NextSingle(), 1);
        var current = Profile(4, (random, column) => random.NextSingle() + (column < moved ? 1 : 0), 2);
        var report = DriftDetector.Compare(reference, current);
        Assert.Equal((expected, moved, moved / 4.0), (report.Status, report.DriftedColumns, report.DriftedShare));
    }

    [Fact]
    public void Too_few_rows_are_not_judged()
    {
        Assert.Equal(DriftStatus.TooFewRows, Compare(Normal, [100, 100, 100], new DriftOptions()).Status);
        Assert.Equal(DriftStatus.TooFewRows, Compare(Normal, [], new DriftOptions()).Columns[0].Status);
        Assert.Equal(DriftStatus.Drift, Compare(Normal, [100, 100, 100], new DriftOptions { RowsMin = 3 }).Status);
    }

    [Fact]
    public void A_reference_without_rows_is_refused() =>
        Assert.Equal(MonitoringErrors.InputInvalid, Assert.Throws<MonitoringException>(() => Compare([], Normal)).Code);

    [Fact]
    public void Other_columns_are_refused_and_named()
    {
        var error = Assert.Throws<MonitoringException>(() => DriftDetector.Compare(new ProfileBuilder(["a"]).Build(), new ProfileBuilder(["b"]).Build()));
        Assert.Equal(MonitoringErrors.ProfilesDiffer, error.Code);
        Assert.Contains("'a'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'b'", error.Message, StringComparison.Ordinal);
        Assert.Equal(MonitoringErrors.ProfilesDiffer, Assert.Throws<MonitoringException>(() => DriftDetector.Compare(new ProfileBuilder(["a"]).Build(), new ProfileBuilder(["a", "b"]).Build())).Code);
    }

    [Fact]
    public void Options_are_checked_before_use()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Compare(Normal, Normal, new DriftOptions { DriftedShare = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Compare(Normal, Normal, new DriftOptions { Wasserstein = new(0.2, 0.1) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Compare(Normal, Normal, new DriftOptions { Statistic = (DriftStatistic)9 }));
    }

    private static DriftReport Compare(float[] reference, float[] current, DriftOptions? options = null)
    {
        var before = new ProfileBuilder(["x"]);
        var now = new ProfileBuilder(["x"]);
        before.Add(reference);
        now.Add(current);
        return DriftDetector.Compare(before.Build(), now.Build(), options ?? new DriftOptions { RowsMin = 1 });
    }

    private static DataProfile Profile(int columns, Func<Random, int, float> value, int seed)
    {
        var random = new Random(seed);
        var builder = new ProfileBuilder([.. Enumerable.Range(0, columns).Select(c => $"c{c}")]);
        builder.Add([.. Enumerable.Range(0, 5_000 * columns).Select(i => value(random, i % columns))]);
        return builder.Build();
    }
}
