using Mlp.Core;
using Mlp.Edge.Tests.Models;

namespace Mlp.Edge.Tests;

public class TreePredictorTests
{
    [Fact]
    public void Prediction_margin_leaves_and_contributions_tell_one_story()
    {
        foreach (var (input, sum) in ((ElementType, ElementType)[])[(ElementType.Float32, ElementType.Float32), (ElementType.Float32, ElementType.Float64), (ElementType.Float64, ElementType.Float64)])
        {
            var ensemble = RandomTrees.Builder(4, 5, 25, 6, 3, input, sets: true, sum: sum).Build(postTransform: PostTransform.Softmax);
            var predictor = new TreePredictor(ensemble);
            double[] rows = [.. RandomTrees.CategoryRows(5, 5, 40).Select(x => (double)x)];
            var (predictions, margins) = (new double[40 * 3], new double[40 * 3]);
            var leaves = new int[40 * 25];
            var contributions = new double[40 * 25 * 3];
            predictor.Predict(rows, predictions);
            predictor.Margin(rows, margins);
            predictor.Leaves(rows, leaves);
            predictor.Contributions(rows, contributions);
            for (var r = 0; r < 40; r++)
            {
                Assert.Equal(1, predictions.AsSpan(r * 3, 3).ToArray().Sum(), 1e-12);
                for (var k = 0; k < 3; k++)
                {
                    double total = 0;
                    for (var t = 0; t < 25; t++)
                    {
                        var value = contributions[(((r * 25) + t) * 3) + k];
                        var leaf = ensemble.NodesOf(t)[leaves[(r * 25) + t]];
                        Assert.Equal(ensemble.WeightsOf(leaf)[k].Weight, value);
                        total = sum == ElementType.Float32 ? (float)(total + value) : total + value;
                    }

                    Assert.Equal(total, margins[(r * 3) + k]);
                }
            }
        }
    }

    [Fact]
    public void Float_rows_get_what_the_same_rows_in_double_get()
    {
        foreach (var transform in Enum.GetValues<PostTransform>())
        {
            var ensemble = RandomTrees.Builder(6, 5, 25, 6, 3, ElementType.Float32, sum: ElementType.Float64).Build(new EnsembleOutput { PostTransform = transform, LogisticScale = 0.7 });
            var predictor = new TreePredictor(ensemble);
            var rows = RandomTrees.Rows(7, 5, 3000);
            var floats = new float[3000 * predictor.OutputCount];
            var doubles = new double[3000 * predictor.OutputCount];
            predictor.Predict(rows, floats);
            predictor.Predict([.. rows.Select(x => (double)x)], doubles);
            Assert.Equal(doubles.Select(x => (float)x), floats);
        }
    }

    [Fact]
    public void The_largest_class_is_one_number_a_row()
    {
        var predictor = new TreePredictor(RandomTrees.Ensemble(8, 4, 10, 4, targets: 5, transform: PostTransform.ArgMax));
        Assert.Equal(1, predictor.OutputCount);
        var rows = RandomTrees.Rows(9, 4, 2000);
        var (classes, margins) = (new float[2000], new float[2000 * 5]);
        predictor.Predict(rows, classes);
        predictor.Margin(rows, margins);
        for (var r = 0; r < 2000; r++)
        {
            var row = margins.AsSpan(r * 5, 5);
            Assert.Equal(row.IndexOf(row.ToArray().Max()), classes[r]);
        }

        Assert.True(classes.Distinct().Count() > 1);
    }

    [Fact]
    public void A_row_gives_the_same_bits_whatever_stands_beside_it_and_from_every_thread()
    {
        foreach (var sets in (bool[])[false, true])
        {
            var predictor = new TreePredictor(RandomTrees.Builder(10, 6, 40, 6, 1, ElementType.Float32, sets).Build(new EnsembleOutput { BaseValues = [0.3], SumFromBase = true, PostTransform = PostTransform.Logistic }));
            var rows = RandomTrees.CategoryRows(11, 6, 97);
            var all = new float[97];
            predictor.Predict(rows, all);
            Parallel.For(0, 200, i =>
            {
                var one = new float[1];
                predictor.Predict(rows.AsSpan(i % 97 * 6, 6), one);
                Assert.Equal(BitConverter.SingleToInt32Bits(all[i % 97]), BitConverter.SingleToInt32Bits(one[0]));
            });
        }
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused_with_what_was_expected()
    {
        var predictor = new TreePredictor(RandomTrees.Ensemble(1, 4, 3, 3, targets: 2));
        Refused("8 elements are 2 rows of 4 features; there is room for 3 predictions, expected 2 a row", () => predictor.Predict(new float[8], new float[3]));
        Refused("no whole rows", () => predictor.Predict(new double[7], new double[2]));
        Refused("margins", () => predictor.Margin(new float[8], new float[5]));
        Refused("margins", () => predictor.Margin(new double[8], new double[5]));
        Refused("leaves, expected 3 a row", () => predictor.Leaves(new float[8], new int[5]));
        Refused("leaves, expected 3 a row", () => predictor.Leaves(new double[8], new int[7]));
        Refused("contributions, expected 6 a row", () => predictor.Contributions(new float[8], new float[11]));
        Refused("contributions, expected 6 a row", () => predictor.Contributions(new double[8], new double[13]));
        predictor.Predict([], new float[0]);

        static void Refused(string message, Action act)
        {
            var error = Assert.Throws<MlpException>(act);
            Assert.Equal(ErrorCodes.TensorMismatch, error.Code);
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Predicting_allocates_nothing()
    {
        var ensembles = new[]
        {
            RandomTrees.Builder(1, 4, 10, 5, 3, ElementType.Float64, sets: true).Build(postTransform: PostTransform.Softmax),
            RandomTrees.Builder(1, 4, 10, 5, 3, ElementType.Float32, sum: ElementType.Float64).Build(postTransform: PostTransform.ArgMax),
            RandomTrees.Ensemble(1, 4, 10, 5, transform: PostTransform.Logistic, everyMode: false),
        };
        foreach (var ensemble in ensembles)
        {
            var predictor = new TreePredictor(ensemble);
            var (rows, results, leaves, parts) = (new float[16 * 4], new float[16 * predictor.OutputCount], new int[16 * 10], new float[16 * 10 * predictor.TargetCount]);
            Run();
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 20; i++)
            {
                Run();
            }

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

            void Run()
            {
                predictor.Predict(rows, results);
                predictor.Leaves(rows, leaves);
                predictor.Contributions(rows, parts);
            }
        }
    }
}
