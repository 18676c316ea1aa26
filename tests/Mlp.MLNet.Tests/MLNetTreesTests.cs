using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Trainers.FastTree;
using Mlp.Core;
using Mlp.Edge;

namespace Mlp.MLNet.Tests;

public class MLNetTreesTests
{
    private const int Columns = 5;
    private const int Rows = 3000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_calibrated_classifier_keeps_the_trainers_probabilities_in_onnx_runtime_and_in_edge(int seed)
    {
        var ml = new MLContext(seed);
        var rows = Data(seed);
        var view = ml.Data.LoadFromEnumerable(rows);
        var trained = ml.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options { NumberOfTrees = 60, NumberOfLeaves = 20 }).Fit(view);
        var expected = ml.Data.CreateEnumerable<Prediction>(trained.Transform(view), reuseRowObject: false, ignoreMissingColumns: true).Select(p => p.Probability).ToArray();

        var onnx = TreeEnsembleOnnx.BinaryClassifier(MLNetTrees.FromBinary(trained.Model, Columns)).Write();
        Close(expected, Edge(onnx, rows, "probabilities", column: 1, width: 2));
        Close(expected, OnnxRuntime(onnx, rows, "probabilities", column: 1, width: 2));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void A_regression_keeps_the_trainers_scores_in_onnx_runtime_and_in_edge(int seed)
    {
        var ml = new MLContext(seed);
        var rows = Data(seed);
        var view = ml.Data.LoadFromEnumerable(rows);
        var trained = ml.Regression.Trainers.FastTree(new FastTreeRegressionTrainer.Options { NumberOfTrees = 40, NumberOfLeaves = 30, LabelColumnName = nameof(Row.Target) }).Fit(view);
        var expected = ml.Data.CreateEnumerable<Prediction>(trained.Transform(view), reuseRowObject: false, ignoreMissingColumns: true).Select(p => p.Score).ToArray();

        var onnx = TreeEnsembleOnnx.Regressor(MLNetTrees.FromRegression(trained.Model, Columns)).Write();
        Close(expected, Edge(onnx, rows, "scores", column: 0, width: 1));
        Close(expected, OnnxRuntime(onnx, rows, "scores", column: 0, width: 1));
    }

    private static float[] Edge(byte[] onnx, Row[] rows, string output, int column, int width)
    {
        var model = EdgeModel.Load(onnx);
        var session = model.CreateSession(rows.Length);
        Flat(rows).CopyTo(session.Input());
        session.Run(rows.Length);
        var index = Array.FindIndex(model.Signature.Outputs.ToArray(), o => o.Name == output);
        return Column(session.Output<float>(index), rows.Length, column, width);
    }

    private static float[] OnnxRuntime(byte[] onnx, Row[] rows, string output, int column, int width)
    {
        using var session = new InferenceSession(onnx);
        using var input = OrtValue.CreateTensorValueFromMemory(Flat(rows), [rows.Length, Columns]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, ["features"], [input], [output]);
        return Column(outputs[0].GetTensorDataAsSpan<float>(), rows.Length, column, width);
    }

    private static float[] Column(ReadOnlySpan<float> values, int rows, int column, int width)
    {
        var result = new float[rows];
        for (var i = 0; i < rows; i++)
        {
            result[i] = values[(i * width) + column];
        }

        return result;
    }

    private static float[] Flat(Row[] rows) => [.. rows.SelectMany(r => r.Features)];

    private static void Close(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-5 * Math.Max(1, Math.Abs(expected[i])), $"row {i}: {actual[i]:R}, the trainer says {expected[i]:R}");
        }
    }

    // A third of one column is missing, one column has few values, and thresholds fall between values a float cannot tell from a double.
    private static Row[] Data(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Rows).Select(_ =>
        {
            var features = new float[] { random.NextSingle(), random.Next(3) == 0 ? float.NaN : random.NextSingle(), random.Next(4), (float)Math.Exp(8 * random.NextDouble()), -random.NextSingle() };
            var signal = features[0] + (float.IsNaN(features[1]) ? 0.8f : features[1]) + (features[2] / 4) + (random.NextSingle() / 2);
            return new Row { Features = features, Label = signal > 1.6, Target = signal * 10 };
        })];
    }

    private sealed class Row
    {
        [VectorType(Columns)]
        public float[] Features { get; set; } = [];

        public bool Label { get; set; }

        public float Target { get; set; }
    }

    private sealed class Prediction
    {
        public float Probability { get; set; }

        public float Score { get; set; }
    }
}
