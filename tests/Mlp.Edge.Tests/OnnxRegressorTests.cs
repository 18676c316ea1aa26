using Mlp.Core;
using Mlp.Edge.Tests.Models;

namespace Mlp.Edge.Tests;

/// <summary>Regressions written from random ensembles, against ONNX Runtime.</summary>
public class OnnxRegressorTests
{
    private const int Features = 6;
    private const int Rows = 60;

    public static TheoryData<ElementType, int, EnsembleAggregate, PostTransform> Kinds()
    {
        var data = new TheoryData<ElementType, int, EnsembleAggregate, PostTransform>();
        foreach (var type in (ElementType[])[ElementType.Float32, ElementType.Float64])
        {
            foreach (var targets in (int[])[1, 3])
            {
                foreach (var aggregate in Enum.GetValues<EnsembleAggregate>())
                {
                    data.Add(type, targets, aggregate, PostTransform.None);
                }

                foreach (var transform in (PostTransform[])[PostTransform.Logistic, PostTransform.Softmax, PostTransform.Probit, PostTransform.Exp, PostTransform.LogOnePlusExp])
                {
                    data.Add(type, targets, EnsembleAggregate.Sum, transform);
                }
            }

            data.Add(type, 3, EnsembleAggregate.Average, PostTransform.SoftmaxZero);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Comparisons_of_every_mode_give_what_onnx_runtime_gives(ElementType type, int targets, EnsembleAggregate aggregate, PostTransform transform)
    {
        for (var seed = 0; seed < 4; seed++)
        {
            var output = new EnsembleOutput { Aggregate = aggregate, PostTransform = transform, BaseValues = seed % 2 == 0 ? [] : RandomTrees.Bases(new Random(seed), targets) };
            var ensemble = RandomTrees.Builder(seed, Features, 20, 5, targets, type).Build(output);
            Agree(ensemble, RandomTrees.Rows(seed + 50, Features, Rows));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Sets_give_what_onnx_runtime_gives(ElementType type, int targets, EnsembleAggregate aggregate, PostTransform transform)
    {
        for (var seed = 0; seed < 4; seed++)
        {
            // A part of the operator, behind which nothing can be added.
            var bare = seed % 2 == 0 || transform == PostTransform.SoftmaxZero;
            var output = new EnsembleOutput { Aggregate = aggregate, PostTransform = transform, BaseValues = bare ? [] : RandomTrees.Bases(new Random(seed), targets) };
            var oneWeight = aggregate != EnsembleAggregate.Sum;
            var ensemble = RandomTrees.Builder(seed, Features, 20, 5, targets, type, sets: true, oneWeight).Build(output);
            Assert.True(ensemble.HasSets);
            Agree(ensemble, RandomTrees.CategoryRows(seed + 50, Features, Rows));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Floats_that_are_summed_in_double_are_cast_and_give_what_onnx_runtime_gives(bool sets)
    {
        var ensemble = RandomTrees.Builder(7, Features, 30, 5, 2, ElementType.Float32, sets, sum: ElementType.Float64).Build(baseValues: [0.1, -0.2]);
        Agree(ensemble, RandomTrees.CategoryRows(8, Features, Rows));
    }

    [Theory]
    [InlineData(ElementType.Float32, false)]
    [InlineData(ElementType.Float64, false)]
    [InlineData(ElementType.Float32, true)]
    [InlineData(ElementType.Float64, true)]
    public void A_sum_that_starts_at_its_base_keeps_its_bits_in_onnx_runtime(ElementType type, bool sets)
    {
        var ensemble = RandomTrees.Builder(9, Features, 30, 5, 3, type, sets).Build(new EnsembleOutput { BaseValues = [123.4, -0.7, 1e-3], SumFromBase = true });
        Agree(ensemble, RandomTrees.CategoryRows(10, Features, Rows));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_average_by_another_divisor_gives_what_onnx_runtime_gives(bool sets)
    {
        var ensemble = RandomTrees.Builder(11, Features, 12, 5, 3, ElementType.Float32, sets, oneWeight: sets).Build(new EnsembleOutput { Aggregate = EnsembleAggregate.Average, AverageDivisor = 4, BaseValues = [1, 2, 3] });
        Agree(ensemble, RandomTrees.CategoryRows(12, Features, Rows));
    }

    [Fact]
    public void A_scaled_logistic_gives_what_onnx_runtime_gives()
    {
        var ensemble = RandomTrees.Builder(13, Features, 12, 5, 1, ElementType.Float32).Build(new EnsembleOutput { PostTransform = PostTransform.Logistic, LogisticScale = 0.4 });
        Agree(ensemble, RandomTrees.Rows(14, Features, Rows));
    }

    [Fact]
    public void A_zero_that_goes_its_own_way_needs_no_flag_and_any_other_is_refused()
    {
        var fits = new TreeEnsembleBuilder(1).BeginTree().Branch(NodeMode.LessOrEqual, 0, 2, 1, 2, NodeFlags.ZeroIsMissing | NodeFlags.MissingGoesTrue).Leaf(1).Leaf(2).Build();
        Agree(fits, [0, -0f, 1e-36f, 3, -3, 2, float.NaN]);
        var other = new TreeEnsembleBuilder(1).BeginTree().Branch(NodeMode.LessOrEqual, 0, 2, 1, 2, NodeFlags.ZeroIsMissing).Leaf(1).Leaf(2).Build();
        Assert.Contains("tree 0", Assert.Throws<ArgumentException>(() => TreeEnsembleOnnx.Regressor(other)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_no_operator_can_state_is_refused()
    {
        var linear = new TreeEnsembleBuilder(1).BeginTree().LinearLeaf(new(0, 1), 0, []).Build();
        Assert.Contains("linear", Assert.Throws<ArgumentException>(() => TreeEnsembleOnnx.Regressor(linear)).Message, StringComparison.Ordinal);
        var hinge = new TreeEnsembleBuilder(1).BeginTree().Leaf(1).Build(postTransform: PostTransform.Hinge);
        Assert.Contains("Hinge", Assert.Throws<ArgumentException>(() => TreeEnsembleOnnx.Regressor(hinge)).Message, StringComparison.Ordinal);
        var mixed = new TreeEnsembleBuilder(1, 1, ElementType.Float64, ElementType.Float32).BeginTree().Leaf(1).Build();
        Assert.Contains("in double", Assert.Throws<ArgumentException>(() => TreeEnsembleOnnx.Regressor(mixed)).Message, StringComparison.Ordinal);
    }

    private static void Agree(TreeEnsemble ensemble, float[] rows)
    {
        var model = TreeEnsembleOnnx.Regressor(ensemble);
        var onnx = model.Write();
        using var ort = new Ort(onnx);
        var edge = EdgeModel.Load(onnx).CreateSession(rows.Length / ensemble.FeatureCount);
        var expected = new float[edge.RowsMax * ensemble.TargetCount];
        float[] other;
        if (ensemble.Input == ElementType.Float64)
        {
            double[] doubles = [.. rows.Select(x => (double)x)];
            other = ort.Run<double, float>(doubles, ensemble.FeatureCount, "scores");
            doubles.CopyTo(edge.Input<double>());
            EnsembleWalk.Score<double, float>(ensemble, doubles, expected);
        }
        else
        {
            other = ort.Floats(rows, ensemble.FeatureCount, "scores");
            rows.CopyTo(edge.Input());
            EnsembleWalk.Score<float, float>(ensemble, rows, expected);
        }

        edge.Run(edge.RowsMax);
        var actual = edge.Output<float>().ToArray();
        Near(other, actual, ensemble.PostTransform == PostTransform.None ? 0 : ensemble.PostTransform == PostTransform.Probit ? 1e-3 : 2e-5);
        if (ensemble.PostTransform == PostTransform.None)
        {
            // The file says what the ensemble says. Only a base value that the newer operator adds to an average, or to the smallest or largest, is added in float.
            Near(expected, actual, ensemble.HasSets && ensemble.Aggregate != EnsembleAggregate.Sum && ensemble.Sum == ElementType.Float64 ? 1e-6 : 0);
        }
    }

    internal static void Near(float[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(
                expected[i].Equals(actual[i]) || Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])) || (expected[i] == 0 && actual[i] == 0),
                $"element {i}: expected {expected[i]:R}, got {actual[i]:R}");
        }
    }
}
