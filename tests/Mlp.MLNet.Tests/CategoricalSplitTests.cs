using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Mlp.Core;
using Mlp.Edge;

namespace Mlp.MLNet.Tests;

/// <summary>Splits by sets of one-hot columns: rows as an encoder gives them, and rows it never would.</summary>
public class CategoricalSplitTests
{
    private const int Count = 2000;
    private const int Unseen = 500;

    private readonly MLContext _ml = new(seed: 1);
    private readonly TrainedRow[] _unseen = [.. TrainedRow.Make(4, Unseen / 2), .. TrainedRow.MakeUnseen(5, Unseen / 2)];

    [Fact]
    public void FastTree_splits_by_sets_and_so_does_the_ensemble()
    {
        var trained = _ml.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options { NumberOfTrees = 20, NumberOfLeaves = 12, CategoricalSplit = true, MinimumExampleCountPerLeaf = 5 }).Fit(Encoded());
        Assert.Contains(trained.Model.SubModel.TrainedTreeEnsemble.Trees, tree => tree.CategoricalSplitFlags.Contains(true));
        Same(trained, MLNetTrees.FromBinary(trained.Model, TrainedRow.Columns, ElementType.Float64), calibrated: true);
        SameInOnnxRuntime(trained, MLNetTrees.FromBinary(trained.Model, TrainedRow.Columns));
    }

    [Fact]
    public void FastForest_splits_by_sets_and_so_does_the_ensemble()
    {
        var trained = _ml.Regression.Trainers.FastForest(new FastForestRegressionTrainer.Options { NumberOfTrees = 10, NumberOfLeaves = 12, CategoricalSplit = true, LabelColumnName = nameof(TrainedRow.Target) }).Fit(Encoded());
        Assert.Contains(trained.Model.TrainedTreeEnsemble.Trees, tree => tree.CategoricalSplitFlags.Contains(true));
        Same(trained, MLNetTrees.From(trained.Model, TrainedRow.Columns, ElementType.Float64), calibrated: false);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void LightGbm_splits_by_sets_and_so_does_the_ensemble(bool handlesMissing)
    {
        LightGbmNative.Require();
        var trained = _ml.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
        {
            NumberOfIterations = 20,
            NumberOfLeaves = 12,
            UseCategoricalSplit = true,
            MinimumExampleCountPerGroup = 5,
            CategoricalSmoothing = 1,
            HandleMissingValue = handlesMissing,
        }).Fit(Encoded());
        Assert.Contains(trained.Model.SubModel.TrainedTreeEnsemble.Trees, tree => tree.CategoricalSplitFlags.Contains(true));
        Same(trained, MLNetTrees.From(trained.Model, TrainedRow.Columns, ElementType.Float64), calibrated: true);
    }

    [Fact]
    public void Too_few_features_are_refused_with_the_tree_and_the_node()
    {
        var trained = _ml.Regression.Trainers.FastTree(new FastTreeRegressionTrainer.Options { NumberOfTrees = 2, NumberOfLeaves = 8, CategoricalSplit = true, LabelColumnName = nameof(TrainedRow.Target) }).Fit(Encoded());
        var error = Assert.Throws<MlpException>(() => MLNetTrees.FromRegression(trained.Model, 1));
        Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
        Assert.StartsWith("Tree 0, node ", error.Message, StringComparison.Ordinal);
    }

    private IDataView Encoded()
    {
        var rows = _ml.Data.LoadFromEnumerable(TrainedRow.Make(3, Count));
        var encoder = _ml.Transforms.Categorical.OneHotEncoding("A", nameof(TrainedRow.Category))
            .Append(_ml.Transforms.Categorical.OneHotEncoding("B", nameof(TrainedRow.Other)))
            .Append(_ml.Transforms.Concatenate("Features", nameof(TrainedRow.Numbers), "A", "B"));
        return encoder.Fit(rows).Transform(rows);
    }

    private Answer[] Expected(ITransformer trained) =>
        [.. _ml.Data.CreateEnumerable<Answer>(trained.Transform(_ml.Data.LoadFromEnumerable(_unseen)), reuseRowObject: false, ignoreMissingColumns: true)];

    private void Same(ITransformer trained, TreeEnsemble ensemble, bool calibrated)
    {
        var expected = Expected(trained);
        var predictions = new double[Unseen];
        new TreePredictor(ensemble).Predict(Array.ConvertAll(TrainedRow.Flat(_unseen), static x => (double)x), predictions);
        for (var i = 0; i < Unseen; i++)
        {
            var answer = calibrated ? expected[i].Probability : expected[i].Score;
            Assert.True(Math.Abs(answer - predictions[i]) <= 1e-6 * Math.Abs(answer), $"row {i}: {predictions[i]:R}, ML.NET's is {answer:R}");
            Assert.True(!calibrated || expected[i].PredictedLabel == predictions[i] > 0.5, $"row {i}: another class");
        }
    }

    private void SameInOnnxRuntime(ITransformer trained, TreeEnsemble ensemble)
    {
        var expected = Expected(trained);
        using var session = new InferenceSession(TreeEnsembleOnnx.BinaryClassifier(ensemble).Write());
        using var input = OrtValue.CreateTensorValueFromMemory(TrainedRow.Flat(_unseen), [Unseen, TrainedRow.Columns]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, ["features"], [input], ["probabilities"]);
        var probabilities = outputs[0].GetTensorDataAsSpan<float>();
        for (var i = 0; i < Unseen; i++)
        {
            Assert.Equal(expected[i].Probability, probabilities[(2 * i) + 1], 1e-5f);
        }
    }

    private sealed class Answer
    {
        public float Score { get; set; }

        public float Probability { get; set; }

        public bool PredictedLabel { get; set; }
    }
}
