using System.Globalization;
using CsCheck;

namespace Mlp.Monitoring.Tests.Evaluation;

public class BinaryEvaluationTests
{
    private static readonly Gen<(float Probability, bool Label)[]> Rows =
        Gen.Select(Gen.OneOf(Gen.Int[0, 20].Select(i => i / 20f), Gen.Float[0, 1]), Gen.Bool).Array[1, 200];

    [Fact]
    public void Figures_equal_scikit_learns()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Oracle", "evaluation.csv"));
        var cases = 0;
        for (var line = 0; line < lines.Length; cases++)
        {
            var head = lines[line++].Split(',');
            var rows = int.Parse(head[2], CultureInfo.InvariantCulture);
            var expected = head[3..].Select(f => double.Parse(f, CultureInfo.InvariantCulture)).ToArray();
            var data = lines.Skip(line).Take(rows).Select(row => row.Split(',')).ToArray();
            line += rows;
            var evaluation = BinaryEvaluation.Of([.. data.Select(row => float.Parse(row[0], CultureInfo.InvariantCulture))], [.. data.Select(row => row[1] == "1")]);
            Assert.Equal(expected[0], evaluation.Auc, 1e-14);
            Assert.Equal(expected[1], evaluation.LogLoss, 1e-12);
            Assert.Equal(expected[2], evaluation.BrierScore, 1e-14);
            Assert.Equal(expected[3], evaluation.Accuracy, 1e-14);
        }

        Assert.Equal(7, cases);
    }

    [Fact]
    public void Auc_is_the_share_of_pairs_in_the_right_order() => Rows.Sample(rows =>
    {
        double pairs = 0, right = 0;
        foreach (var positive in rows.Where(r => r.Label))
        {
            foreach (var negative in rows.Where(r => !r.Label))
            {
                pairs++;
                right += positive.Probability > negative.Probability ? 1 : positive.Probability == negative.Probability ? 0.5 : 0;
            }
        }

        Assert.Equal(right / pairs, Evaluate(rows).Auc);
    });

    [Fact]
    public void Auc_does_not_change_under_a_monotone_map() => Rows.Sample(rows =>
        Assert.Equal(Evaluate(rows).Auc, Evaluate([.. rows.Select(r => (r.Probability / 2, r.Label))]).Auc));

    [Fact]
    public void Auc_of_the_opposite_question_is_the_complement() => Rows.Where(rows => rows.Any(r => r.Label) && rows.Any(r => !r.Label)).Sample(rows =>
        Assert.Equal(1 - Evaluate(rows).Auc, Evaluate([.. rows.Select(r => (r.Probability, !r.Label))]).Auc, 1e-12));

    [Fact]
    public void The_order_of_the_rows_does_not_matter() => Rows.Sample(rows =>
    {
        var forward = Evaluate(rows);
        var backward = Evaluate([.. rows.Reverse()]);
        Assert.Equal(forward.Auc, backward.Auc);
        Assert.Equal(forward.LogLoss, backward.LogLoss, 1e-12);
        Assert.Equal(forward.ExpectedCalibrationError, backward.ExpectedCalibrationError, 1e-12);
    });

    [Fact]
    public void The_whole_roc_curve_has_the_auc_as_its_area() => Rows.Where(rows => rows.Any(r => r.Label) && rows.Any(r => !r.Label)).Sample(rows =>
    {
        var evaluation = BinaryEvaluation.Of([.. rows.Select(r => r.Probability)], [.. rows.Select(r => r.Label)], new BinaryEvaluationOptions { RocPointsMax = 1_000_000 });
        var area = evaluation.Roc.Zip(evaluation.Roc.Skip(1), (a, b) => (b.FalsePositiveRate - a.FalsePositiveRate) * (a.TruePositiveRate + b.TruePositiveRate) / 2).Sum();
        Assert.Equal(evaluation.Auc, area, 1e-9);
    });

    [Fact]
    public void A_thinned_roc_curve_keeps_its_ends_its_bound_and_its_shape()
    {
        var random = new Random(1);
        var rows = Enumerable.Range(0, 20_000).Select(_ => random.NextSingle()).Select(p => (p, random.NextSingle() < p)).ToArray();
        var evaluation = BinaryEvaluation.Of([.. rows.Select(r => r.p)], [.. rows.Select(r => r.Item2)], new BinaryEvaluationOptions { RocPointsMax = 50 });
        Assert.InRange(evaluation.Roc.Count, 40, 50);
        Assert.Equal(new RocPoint(0, 0, double.PositiveInfinity), evaluation.Roc[0]);
        Assert.Equal((1.0, 1.0), (evaluation.Roc[^1].FalsePositiveRate, evaluation.Roc[^1].TruePositiveRate));
        var area = evaluation.Roc.Zip(evaluation.Roc.Skip(1), (a, b) => (b.FalsePositiveRate - a.FalsePositiveRate) * (a.TruePositiveRate + b.TruePositiveRate) / 2).Sum();
        Assert.Equal(evaluation.Auc, area, 1e-3);
    }

    [Fact]
    public void Calibration_bins_hold_every_row_once_in_order_and_never_divide_equal_probabilities() => Rows.Sample(rows =>
    {
        var evaluation = Evaluate(rows);
        Assert.Equal(rows.Length, evaluation.Calibration.Sum(b => b.Rows));
        Assert.InRange(evaluation.Calibration.Count, 1, 10);
        Assert.All(evaluation.Calibration, bin => Assert.True(bin.Rows > 0 && bin.MeanProbability >= bin.ProbabilityMin - 1e-6 && bin.MeanProbability <= bin.ProbabilityMax + 1e-6));
        Assert.All(evaluation.Calibration.Zip(evaluation.Calibration.Skip(1)), pair => Assert.True(pair.First.ProbabilityMax < pair.Second.ProbabilityMin));
        Assert.Equal(evaluation.BaseRate, evaluation.Calibration.Sum(b => b.PositiveShare * b.Rows) / rows.Length, 1e-12);
    });

    [Fact]
    public void Expected_calibration_error_is_what_it_is_by_hand()
    {
        // Two bins: predicted 0.2 and 0.7, came true 1/2 and 1.
        var evaluation = BinaryEvaluation.Of([0.1f, 0.3f, 0.6f, 0.8f], [false, true, true, true], new BinaryEvaluationOptions { CalibrationBins = 2 });
        Assert.Equal(2, evaluation.Calibration.Count);
        Assert.Equal((0.3 + 0.3) / 2, evaluation.ExpectedCalibrationError, 1e-7);
    }

    [Fact]
    public void Rows_of_one_class_have_no_auc_and_no_roc_curve()
    {
        var evaluation = BinaryEvaluation.Of([0.1f, 0.3f], [true, true]);
        Assert.Equal(double.NaN, evaluation.Auc);
        Assert.Empty(evaluation.Roc);
        Assert.Equal(1, evaluation.BaseRate);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(-0.01f)]
    [InlineData(1.01f)]
    [InlineData(float.PositiveInfinity)]
    public void A_probability_outside_its_range_is_refused_with_its_row(float wrong)
    {
        var error = Assert.Throws<MonitoringException>(() => BinaryEvaluation.Of([0.5f, wrong], [true, false]));
        Assert.Equal(MonitoringErrors.InputInvalid, error.Code);
        Assert.Contains("Row 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_rows_and_other_lengths_are_refused()
    {
        Assert.Equal(MonitoringErrors.InputInvalid, Assert.Throws<MonitoringException>(() => BinaryEvaluation.Of([], [])).Code);
        Assert.Contains("2 probabilities and 1 labels", Assert.Throws<MonitoringException>(() => BinaryEvaluation.Of([0, 1], [true])).Message, StringComparison.Ordinal);
    }

    private static BinaryEvaluation Evaluate((float Probability, bool Label)[] rows) =>
        BinaryEvaluation.Of([.. rows.Select(r => r.Probability)], [.. rows.Select(r => r.Label)]);
}
