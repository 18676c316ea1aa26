using Mlp.Core;
using Mlp.Edge.Tests.Models;

namespace Mlp.Edge.Tests.Operators;

/// <summary>Linear models and support vectors, against ONNX Runtime over seeded weights and rows.</summary>
public class VectorTests
{
    private const int Rows = 30;
    private const int Width = 6;

    private static readonly ElementType[] Numbers = [ElementType.Float32, ElementType.Float64, ElementType.Int64, ElementType.Int32];

    [Theory]
    [InlineData("NONE")]
    [InlineData("LOGISTIC")]
    [InlineData("SOFTMAX")]
    [InlineData("SOFTMAX_ZERO")]
    [InlineData("PROBIT")]
    public void Linear_models_with_every_transform(string transform)
    {
        foreach (var targets in (int[])[1, 2, 3, 7])
        {
            // A probit has an answer between 0 and 1 alone.
            var scale = transform == "PROBIT" ? 0.02f : 1;
            var tolerance = transform == "PROBIT" ? 1e-3 : 2e-5;
            var weights = Weights(targets, Width * targets, scale);
            var bias = Array.ConvertAll(Weights(targets + 1, targets, 0.1f), x => transform == "PROBIT" ? 0.5f + x : x);
            new OperatorCase().Input("x", Width, RandomColumns.Floats(targets, Rows * Width)).Node("ml.LinearRegressor", "x", "y", ("coefficients", weights), ("intercepts", bias), ("targets", (long)targets), ("post_transform", transform))
                .Output("y", ElementType.Float32, targets).Agree(tolerance);
            foreach (var type in targets > 1 ? Numbers : [])
            {
                var labels = targets == 3 ? ("classlabels_strings", (OnnxAttribute)RandomColumns.Words[..3]) : ("classlabels_ints", Enumerable.Range(5, targets).Select(static i => (long)i).ToArray());
                new OperatorCase().Input("x", Width, RandomColumns.Of(type, targets, Rows * Width)).Node("ml.LinearClassifier", "x", "l s", ("coefficients", weights), ("intercepts", bias), labels, ("multi_class", 1L), ("post_transform", transform))
                    .Output("l", targets == 3 ? ElementType.String : ElementType.Int64).Output("s", ElementType.Float32, targets).Agree(tolerance);
            }
        }
    }

    [Theory]
    [InlineData("NONE", false)]
    [InlineData("LOGISTIC", false)]
    [InlineData("SOFTMAX", true)]
    [InlineData("SOFTMAX_ZERO", false)]
    public void One_row_of_coefficients_for_two_classes(string transform, bool texts)
    {
        var labels = texts ? ("classlabels_strings", (OnnxAttribute)RandomColumns.Words[..2]) : ("classlabels_ints", new long[] { 4, -4 });
        new OperatorCase().Input("x", Width, RandomColumns.Floats(1, Rows * Width)).Node("ml.LinearClassifier", "x", "l s", ("coefficients", Weights(2, Width, 1)), ("intercepts", new[] { 0.1f }), labels, ("post_transform", transform))
            .Output("l", texts ? ElementType.String : ElementType.Int64).Output("s", ElementType.Float32, 2).Agree(1e-5);
    }

    public static TheoryData<string, float> Kernels() => new()
    {
        { "LINEAR", 3 }, { "POLY", 2 }, { "POLY", 3 }, { "POLY", 4 }, { "RBF", 0 }, { "SIGMOID", 0 },
    };

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Support_vector_regressions_of_every_kernel(string kernel, float degree)
    {
        foreach (var oneClass in (long[])[0, 1])
        {
            new OperatorCase().Input("x", Width, RandomColumns.Floats(1, Rows * Width)).Node("ml.SVMRegressor", "x", "y", ("kernel_type", kernel), ("kernel_params", new[] { 0.2f, 0.5f, degree }), ("support_vectors", Weights(3, 21 * Width, 1)), ("n_supports", 21L), ("coefficients", Weights(4, 21, 1)), ("rho", new[] { 0.3f }), ("one_class", oneClass))
                .Output("y", ElementType.Float32, 1).Agree(1e-5);
        }

        new OperatorCase().Input("x", Width, RandomColumns.Floats(1, Rows * Width)).Node("ml.SVMRegressor", "x", "y", ("kernel_type", "LINEAR"), ("kernel_params", new[] { 0.2f, 0.5f, 3 }), ("n_supports", 0L), ("coefficients", Weights(4, Width, 1)), ("rho", new[] { 0.3f })).Output("y", ElementType.Float32, 1).Agree(1e-5);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Support_vector_classifiers_with_and_without_probabilities(string kernel, float degree)
    {
        foreach (var classes in (int[])[2, 3, 5])
        {
            foreach (var probabilities in (bool[])[false, true])
            {
                foreach (var transform in (string[])["NONE", "LOGISTIC", "SOFTMAX"])
                {
                    long[] perClass = [.. Enumerable.Range(0, classes).Select(static i => (long)(2 + i))];
                    var (vectors, pairs) = ((int)perClass.Sum(), classes * (classes - 1) / 2);
                    var texts = classes == 3;
                    var labels = texts ? ("classlabels_strings", (OnnxAttribute)RandomColumns.Words[..3]) : ("classlabels_ints", Enumerable.Range(5, classes).Select(static i => (long)i).ToArray());
                    (string, OnnxAttribute)[] attributes = [("kernel_type", kernel), ("kernel_params", new[] { 0.2f, 0.5f, degree }), ("support_vectors", Weights(5, vectors * Width, 1)), ("vectors_per_class", perClass), ("coefficients", Weights(6, vectors * (classes - 1), 1)), ("rho", Weights(7, pairs, 0.3f)), labels, ("post_transform", transform)];
                    (string, OnnxAttribute)[] coupling = probabilities ? [("prob_a", Array.ConvertAll(Weights(8, pairs, 1), static x => x - 1.5f)), ("prob_b", Weights(9, pairs, 0.2f))] : [];
                    new OperatorCase().Input("x", Width, RandomColumns.Floats(classes, Rows * Width)).Node("ml.SVMClassifier", "x", "l s", [.. attributes, .. coupling])
                        .Output("l", texts ? ElementType.String : ElementType.Int64).Output("s", ElementType.Float32, probabilities || classes == 2 ? classes : pairs).Agree(2e-5);
                }
            }
        }
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(2, true)]
    [InlineData(4, false)]
    public void Linear_support_vector_classifiers(int classes, bool positive)
    {
        foreach (var type in Numbers)
        {
            var weights = Array.ConvertAll(Weights(10, classes * Width, 0.3f), x => positive ? Math.Abs(x) : x);
            new OperatorCase().Input("x", Width, RandomColumns.Of(type, 11, Rows * Width)).Node("ml.SVMClassifier", "x", "l s", ("kernel_type", "LINEAR"), ("kernel_params", new[] { 0.2f, 0.5f, 3 }), ("coefficients", weights), ("rho", new[] { 0.1f }), ("classlabels_ints", Enumerable.Range(0, classes).Select(static i => (long)i).ToArray()))
                .Output("l", ElementType.Int64).Output("s", ElementType.Float32, classes).Agree(1e-5);
        }
    }

    [Fact]
    public void Wrong_lengths_are_refused_with_both_numbers()
    {
        var refusal = new OperatorCase().Input("x", Width, new float[Width]).Node("ml.SVMClassifier", "x", "l s", ("vectors_per_class", new long[] { 1, 1 }), ("support_vectors", new float[11]), ("coefficients", new float[2]), ("rho", new float[1]), ("classlabels_ints", new long[] { 0, 1 })).Output("l", ElementType.Int64).Refusal();
        Assert.Contains("11 numbers of support_vectors; expected 2 vectors of the input's 6 columns", refusal, StringComparison.Ordinal);
        refusal = new OperatorCase().Input("x", Width, new float[Width]).Node("ml.LinearClassifier", "x", "l s", ("coefficients", new float[Width]), ("classlabels_ints", new long[] { 0, 1, 2 })).Output("l", ElementType.Int64).Refusal();
        Assert.Contains("6 coefficients", refusal, StringComparison.Ordinal);
    }

    private static float[] Weights(int seed, int count, float scale) => Array.ConvertAll(RandomColumns.Floats(seed + 100, count), x => x * scale / 3);
}
