using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using Mlp.Core;
using Mlp.Edge;

namespace Mlp.MLNet.Tests;

/// <summary>Every tree trainer of ML.NET: what its model predicts of unseen rows, odd ones included, the ensemble predicts.</summary>
public class EveryTrainerTests
{
    private const int Count = 1500;
    private const int Unseen = 600;

    private readonly MLContext _ml = new(seed: 1);
    private readonly TrainedRow[] _unseen = TrainedRow.MakeUnseen(2, Unseen);

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.4)]
    public void FastTree_binary(double dropout)
    {
        var trained = _ml.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options { NumberOfTrees = 40, NumberOfLeaves = 12, DropoutRate = dropout }).Fit(Rows());
        SameBinary(trained, MLNetTrees.FromBinary(trained.Model, TrainedRow.Columns, ElementType.Float64));
    }

    [Fact]
    public void FastTree_regression()
    {
        var trained = _ml.Regression.Trainers.FastTree(new FastTreeRegressionTrainer.Options { NumberOfTrees = 40, NumberOfLeaves = 12, LabelColumnName = nameof(TrainedRow.Target) }).Fit(Rows());
        SameScore(trained, MLNetTrees.FromRegression(trained.Model, TrainedRow.Columns, ElementType.Float64));
    }

    [Fact]
    public void FastTree_without_a_split()
    {
        var trained = _ml.Regression.Trainers.FastTree(new FastTreeRegressionTrainer.Options { NumberOfTrees = 3, MinimumExampleCountPerLeaf = 10 * Count, LabelColumnName = nameof(TrainedRow.Target) }).Fit(Rows());
        SameScore(trained, MLNetTrees.From(trained.Model, TrainedRow.Columns, ElementType.Float64));
    }

    [Fact]
    public void FastTree_ranking()
    {
        var trained = _ml.Ranking.Trainers.FastTree(new FastTreeRankingTrainer.Options { NumberOfTrees = 20, NumberOfLeaves = 12, LabelColumnName = nameof(TrainedRow.Relevance), RowGroupColumnName = nameof(TrainedRow.Group) }).Fit(Rows());
        SameScore(trained, MLNetTrees.From(trained.Model, TrainedRow.Columns, ElementType.Float64));
    }

    [Fact]
    public void FastTree_tweedie()
    {
        var trained = _ml.Regression.Trainers.FastTreeTweedie(new FastTreeTweedieTrainer.Options { NumberOfTrees = 30, NumberOfLeaves = 12, LabelColumnName = nameof(TrainedRow.Target) }).Fit(Rows());
        SameScore(trained, MLNetTrees.From(trained.Model, TrainedRow.Columns, ElementType.Float64));
    }

    [Fact]
    public void FastForest_binary_and_its_calibrator()
    {
        var trained = _ml.BinaryClassification.Trainers.FastForest(new FastForestBinaryTrainer.Options { NumberOfTrees = 30, NumberOfLeaves = 12 }).Fit(Rows());
        var expected = SameScore(trained, MLNetTrees.From(trained.Model, TrainedRow.Columns, ElementType.Float64));
        Assert.All(expected, row => Assert.Equal(row.Score > 0, row.PredictedLabel));

        var calibrator = _ml.BinaryClassification.Calibrators.Platt().Fit(trained.Transform(Rows()));
        var platt = ((IPredictionTransformer<PlattCalibrator>)calibrator).Model;
        Assert.NotEqual(0, platt.Offset);
        var probabilities = Read(calibrator.Transform(trained.Transform(_ml.Data.LoadFromEnumerable(_unseen)))).Select(row => (double)row.Probability).ToArray();
        Close(probabilities, Predict(MLNetTrees.FromBinary(trained.Model, platt, TrainedRow.Columns, ElementType.Float64)));
    }

    [Fact]
    public void FastForest_regression()
    {
        var trained = _ml.Regression.Trainers.FastForest(new FastForestRegressionTrainer.Options { NumberOfTrees = 30, NumberOfLeaves = 12, LabelColumnName = nameof(TrainedRow.Target) }).Fit(Rows());
        SameScore(trained, MLNetTrees.From(trained.Model, TrainedRow.Columns, ElementType.Float64));
    }

    [Fact]
    public void Gam_binary()
    {
        var trained = _ml.BinaryClassification.Trainers.Gam(new GamBinaryTrainer.Options { NumberOfIterations = 60 }).Fit(Rows(missing: false));
        SameBinary(trained, MLNetTrees.From(trained.Model, TrainedRow.Columns, ElementType.Float64));
    }

    [Fact]
    public void Gam_regression()
    {
        var trained = _ml.Regression.Trainers.Gam(new GamRegressionTrainer.Options { NumberOfIterations = 60, LabelColumnName = nameof(TrainedRow.Target) }).Fit(Rows(missing: false));
        SameScore(trained, MLNetTrees.From(trained.Model, TrainedRow.Columns, ElementType.Float64));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void LightGbm_binary(bool handlesMissing, bool zeroIsMissing)
    {
        LightGbmNative.Require();
        var trained = _ml.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options { NumberOfIterations = 40, NumberOfLeaves = 12, HandleMissingValue = handlesMissing, UseZeroAsMissingValue = zeroIsMissing, Sigmoid = 0.7 }).Fit(Rows());
        SameBinary(trained, MLNetTrees.From(trained.Model, TrainedRow.Columns, ElementType.Float64));
    }

    [Fact]
    public void LightGbm_regression()
    {
        LightGbmNative.Require();
        var trained = _ml.Regression.Trainers.LightGbm(new LightGbmRegressionTrainer.Options { NumberOfIterations = 40, NumberOfLeaves = 12, LabelColumnName = nameof(TrainedRow.Target), Booster = new DartBooster.Options() }).Fit(Rows());
        SameScore(trained, MLNetTrees.From(trained.Model, TrainedRow.Columns, ElementType.Float64));
    }

    [Fact]
    public void LightGbm_ranking()
    {
        LightGbmNative.Require();
        var trained = _ml.Ranking.Trainers.LightGbm(new LightGbmRankingTrainer.Options { NumberOfIterations = 20, NumberOfLeaves = 12, LabelColumnName = nameof(TrainedRow.Relevance), RowGroupColumnName = nameof(TrainedRow.Group) }).Fit(Rows());
        SameScore(trained, MLNetTrees.From(trained.Model, TrainedRow.Columns, ElementType.Float64));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void LightGbm_multiclass(bool softmax)
    {
        LightGbmNative.Require();
        var trained = _ml.MulticlassClassification.Trainers.LightGbm(new LightGbmMulticlassTrainer.Options { NumberOfIterations = 30, NumberOfLeaves = 12, LabelColumnName = nameof(TrainedRow.Class), UseSoftmax = softmax }).Fit(Rows());
        SameClasses(trained, MLNetTrees.From(trained.Model, TrainedRow.Columns, ElementType.Float64));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_versus_all(bool probabilities)
    {
        var binary = _ml.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options { NumberOfTrees = 10, NumberOfLeaves = 8 });
        var trained = _ml.MulticlassClassification.Trainers.OneVersusAll(binary, nameof(TrainedRow.Class), useProbabilities: probabilities).Fit(Rows());
        SameClasses(trained, MLNetTrees.From(trained.Model, TrainedRow.Columns, ElementType.Float64));
    }

    [Fact]
    public void What_is_no_tree_is_refused_by_name()
    {
        var linear = _ml.Regression.Trainers.Sdca(labelColumnName: nameof(TrainedRow.Target)).Fit(Rows(missing: false));
        var error = Assert.Throws<MlpException>(() => MLNetTrees.From(linear.Model, TrainedRow.Columns));
        Assert.Equal(ErrorCodes.ModelInvalid, error.Code);
        Assert.Contains("LinearRegressionModelParameters", error.Message, StringComparison.Ordinal);
        var calibrated = _ml.BinaryClassification.Trainers.SdcaLogisticRegression().Fit(Rows(missing: false));
        Assert.Contains("LinearBinaryModelParameters", Assert.Throws<MlpException>(() => MLNetTrees.From(calibrated.Model, TrainedRow.Columns)).Message, StringComparison.Ordinal);
    }

    private IDataView Rows(bool missing = true) => _ml.Data.LoadFromEnumerable(TrainedRow.Make(1, Count, missing));

    private Answer[] Read(IDataView view) => [.. _ml.Data.CreateEnumerable<Answer>(view, reuseRowObject: false, ignoreMissingColumns: true)];

    private void SameBinary(ITransformer trained, TreeEnsemble ensemble)
    {
        var expected = Read(trained.Transform(_ml.Data.LoadFromEnumerable(_unseen)));
        var actual = Predict(ensemble);
        Close([.. expected.Select(row => (double)row.Probability)], actual);
        SameInOnnxRuntime([.. actual.SelectMany(p => (double[])[1 - p, p])], TreeEnsembleOnnx.BinaryClassifier(ensemble), "probabilities");
        for (var i = 0; i < Unseen; i++)
        {
            Assert.Equal(expected[i].PredictedLabel, actual[i] > 0.5);
        }
    }

    private Answer[] SameScore(ITransformer trained, TreeEnsemble ensemble)
    {
        var expected = Read(trained.Transform(_ml.Data.LoadFromEnumerable(_unseen)));
        var actual = Predict(ensemble);
        Close([.. expected.Select(row => (double)row.Score)], actual);
        SameInOnnxRuntime(actual, TreeEnsembleOnnx.Regressor(ensemble), "scores");
        return expected;
    }

    private void SameClasses(ITransformer trained, TreeEnsemble ensemble)
    {
        var expected = _ml.Data.CreateEnumerable<ClassAnswer>(trained.Transform(_ml.Data.LoadFromEnumerable(_unseen)), reuseRowObject: false, ignoreMissingColumns: true).ToArray();
        var actual = Predict(ensemble);
        Close([.. expected.SelectMany(row => row.Score).Select(x => (double)x)], actual);
        if (ensemble.PostTransform == PostTransform.OneAgainstAll)
        {
            // No operator of ONNX's divides by the sum.
            Assert.Throws<ArgumentException>(() => TreeEnsembleOnnx.Classifier(ensemble));
        }
        else
        {
            SameInOnnxRuntime(actual, TreeEnsembleOnnx.Classifier(ensemble), "probabilities");
        }

        for (var i = 0; i < Unseen; i++)
        {
            var scores = actual.AsSpan(i * 3, 3);
            Assert.Equal(expected[i].PredictedLabel - 1, (uint)scores.IndexOf(Math.Max(scores[0], Math.Max(scores[1], scores[2]))));
        }
    }

    private double[] Predict(TreeEnsemble ensemble)
    {
        var predictor = new TreePredictor(ensemble);
        var predictions = new double[Unseen * predictor.OutputCount];
        predictor.Predict(Array.ConvertAll(TrainedRow.Flat(_unseen), static x => (double)x), predictions);
        return predictions;
    }

    private void SameInOnnxRuntime(double[] expected, OnnxModel model, string output)
    {
        using var session = new InferenceSession(model.Write());
        using var input = OrtValue.CreateTensorValueFromMemory(TrainedRow.Flat(_unseen), [Unseen, TrainedRow.Columns]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, ["features"], [input], [output]);
        var actual = outputs[0].GetTensorDataAsSpan<float>();
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-5 * Math.Max(1, Math.Abs(expected[i])));
        }
    }

    private static void Close(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-6 * Math.Abs(expected[i]), $"value {i}: {actual[i]:R}, ML.NET's is {expected[i]:R}");
        }
    }

    private sealed class Answer
    {
        public float Score { get; set; }

        public float Probability { get; set; }

        public bool PredictedLabel { get; set; }
    }

    private sealed class ClassAnswer
    {
        public float[] Score { get; set; } = [];

        [KeyType(3)]
        public uint PredictedLabel { get; set; }
    }
}
