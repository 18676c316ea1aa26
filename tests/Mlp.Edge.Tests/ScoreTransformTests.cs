using Mlp.Core;

namespace Mlp.Edge.Tests;

public class ScoreTransformTests
{
    private static readonly double[] Scores = [-3, -0.5, 0, 2, 700, -700, 0.25, 1e-9];

    [Theory]
    [InlineData(PostTransform.Exp)]
    [InlineData(PostTransform.Hinge)]
    [InlineData(PostTransform.SignedSquare)]
    [InlineData(PostTransform.LogOnePlusExp)]
    [InlineData(PostTransform.Logistic)]
    [InlineData(PostTransform.None)]
    public void Each_score_is_transformed_by_its_formula_in_double_and_in_float(PostTransform transform)
    {
        double Formula(double x) => transform switch
        {
            PostTransform.Exp => Math.Exp(x),
            PostTransform.Hinge => x > 0 ? 1 : 0,
            PostTransform.SignedSquare => Math.Sign(x) * x * x,
            PostTransform.LogOnePlusExp => x > 600 ? x : Math.Log(1 + Math.Exp(x)),
            PostTransform.Logistic => 1 / (1 + Math.Exp(-2.5 * x)),
            _ => x,
        };
        double[] doubles = [.. Scores];
        float[] floats = [.. Scores.Select(x => (float)x)];
        ScoreTransform.Apply(transform, doubles, 1, scale: 2.5);
        ScoreTransform.Apply(transform, floats, 1, scale: 2.5);
        for (var i = 0; i < Scores.Length; i++)
        {
            Assert.Equal(Formula(Scores[i]), doubles[i], 1e-12 * Math.Max(1, Math.Abs(doubles[i])));
            Assert.Equal((float)Formula((float)Scores[i]), floats[i], 1e-6f * Math.Max(1, Math.Abs(floats[i])));
        }
    }

    [Theory]
    [InlineData(-0.3)]
    [InlineData(-5)]
    [InlineData(-17)]
    [InlineData(-80)]
    public void A_small_probability_has_as_many_digits_as_a_large_one(double x)
    {
        double[] doubles = [x];
        float[] floats = [(float)x];
        ScoreTransform.Apply(PostTransform.Logistic, doubles, 1);
        ScoreTransform.Apply(PostTransform.Logistic, floats, 1);
        Assert.Equal(1, doubles[0] * (1 + Math.Exp(-x)), 1e-15);
        Assert.Equal(1, floats[0] * (1 + Math.Exp(-(float)x)), 3e-7);
    }

    [Fact]
    public void One_against_all_is_normalised_row_by_row()
    {
        double[] scores = [1, -1, 0, 3, 3, 3];
        ScoreTransform.Apply(PostTransform.OneAgainstAll, scores, 3, scale: 0.5);
        double[] first = [1 / (1 + Math.Exp(-0.5)), 1 / (1 + Math.Exp(0.5)), 0.5];
        Assert.Equal(first.Select(x => x / first.Sum()), scores[..3], (a, b) => Math.Abs(a - b) < 1e-14);
        Assert.All(scores[3..], x => Assert.Equal(1.0 / 3, x, 1e-14));
    }

    [Fact]
    public void A_softmax_subtracts_the_largest_and_its_other_form_leaves_zeros_out()
    {
        double[] plain = [1000, 1001, 0];
        double[] zeros = [1, 2, 0];
        ScoreTransform.Apply(PostTransform.Softmax, plain, 3);
        ScoreTransform.Apply(PostTransform.SoftmaxZero, zeros, 3);
        Assert.Equal([1 / (1 + Math.E), Math.E / (1 + Math.E), 0], plain, (a, b) => Math.Abs(a - b) < 1e-14);
        Assert.Equal([1 / (1 + Math.E), Math.E / (1 + Math.E), 0], zeros, (a, b) => Math.Abs(a - b) < 1e-14);
    }

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.841344746, 1)]
    [InlineData(0.158655254, -1)]
    [InlineData(0.977249868, 2)]
    public void Probit_inverts_the_normal_distribution_as_well_as_its_approximation_can(double probability, double expected)
    {
        double[] scores = [probability];
        ScoreTransform.Apply(PostTransform.Probit, scores, 1);
        Assert.Equal(expected, scores[0], 0.005);
    }
}
