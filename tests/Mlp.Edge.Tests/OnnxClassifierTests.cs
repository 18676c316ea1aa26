using Mlp.Core;
using Mlp.Edge.Tests.Models;

namespace Mlp.Edge.Tests;

/// <summary>Classifiers, written from ensembles or as a file may state them, against ONNX Runtime.</summary>
public class OnnxClassifierTests
{
    private const int Features = 5;
    private const int Rows = 60;
    private static readonly PostTransform[] Transforms = [PostTransform.None, PostTransform.Logistic, PostTransform.Softmax, PostTransform.SoftmaxZero, PostTransform.Probit];

    public static TheoryData<PostTransform, int, bool, bool> Files()
    {
        var data = new TheoryData<PostTransform, int, bool, bool>();
        foreach (var transform in Transforms)
        {
            for (var bases = 0; bases <= 2; bases++)
            {
                data.Add(transform, bases, false, false);
                data.Add(transform, bases, true, false);
                data.Add(transform, bases, false, true);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Weights_for_the_first_of_two_classes_give_what_onnx_runtime_gives(PostTransform transform, int bases, bool positive, bool doubles) =>
        Agree(File(1, [0], [0, 1], transform, bases, positive, doubles), transform == PostTransform.Probit && bases < 2 ? 1 : 2);

    [Theory]
    [MemberData(nameof(Files))]
    public void Weights_for_the_second_of_two_classes_give_what_onnx_runtime_gives(PostTransform transform, int bases, bool positive, bool doubles)
    {
        // Beside two base values ONNX Runtime drops these weights.
        if (bases < 2)
        {
            Agree(File(1, [1], [10, 20], transform, bases, positive, doubles), 2);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Weights_for_both_of_two_classes_give_what_onnx_runtime_gives(PostTransform transform, int bases, bool positive, bool doubles)
    {
        // Beside two base values ONNX Runtime drops the weights of one class.
        if (bases < 2)
        {
            Agree(File(2, [0, 1], [0, 1], transform, bases, positive, doubles), 2);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Weights_for_three_classes_give_what_onnx_runtime_gives(PostTransform transform, int bases, bool positive, bool doubles) =>
        Agree(File(3, [0, 1, 2], [7, -3, 40], transform, bases == 0 ? 0 : 3, positive, doubles), 3);

    [Fact]
    public void A_class_without_a_weight_in_the_leaves_of_a_row_cannot_win()
    {
        // Each leaf has a weight below zero for one class of four.
        for (var seed = 0; seed < 8; seed++)
        {
            var builder = new TreeEnsembleBuilder(2, 4);
            var random = new Random(seed);
            for (var t = 0; t < 2; t++)
            {
                builder.BeginTree().Branch(NodeMode.LessOrEqual, t, 0, 1, 2).Leaf([new(random.Next(4), -1)]).Leaf([new(random.Next(4), -2)]);
            }

            Agree(Classifier(builder.Build(), [0, 1, 2, 3], new[] { "a", "b", "c", "d" }, PostTransform.None, doubles: false), 4, features: 2, texts: true);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Labels_that_are_texts_are_given_as_onnx_runtime_gives_them(int classes)
    {
        var ensemble = RandomTrees.Builder(3, Features, 15, 5, classes == 2 ? 1 : classes, ElementType.Float32)
            .Build(new EnsembleOutput { LabelTexts = classes == 2 ? ["no", "yes"] : ["red", "green", "blue"], PostTransform = classes == 2 ? PostTransform.Logistic : PostTransform.Softmax });
        Agree(TreeEnsembleOnnx.Classifier(ensemble, "x"), classes, texts: true);
        var error = Assert.Throws<MlpException>(() => EdgeModel.Prepare(TreeEnsembleOnnx.Classifier(ensemble)).CreateSession().Output<long>().ToArray());
        Assert.Equal(ErrorCodes.TensorMismatch, error.Code);
    }

    [Theory]
    [InlineData(PostTransform.None, 1, false)]
    [InlineData(PostTransform.Logistic, 1, false)]
    [InlineData(PostTransform.Softmax, 4, false)]
    [InlineData(PostTransform.Logistic, 4, false)]
    [InlineData(PostTransform.None, 1, true)]
    [InlineData(PostTransform.Logistic, 1, true)]
    [InlineData(PostTransform.Softmax, 4, true)]
    [InlineData(PostTransform.None, 4, true)]
    public void A_classifier_that_is_written_gives_the_same_in_onnx_runtime(PostTransform transform, int targets, bool sets)
    {
        foreach (var type in (ElementType[])[ElementType.Float32, ElementType.Float64])
        {
            for (var seed = 0; seed < 4; seed++)
            {
                var ensemble = RandomTrees.Builder(seed, Features, 15, 5, targets, type, sets)
                    .Build(new EnsembleOutput { PostTransform = transform, BaseValues = RandomTrees.Bases(new Random(seed), targets), SumFromBase = seed % 2 == 0 });
                Agree(TreeEnsembleOnnx.Classifier(ensemble, "x"), Math.Max(2, targets));
            }
        }
    }

    [Fact]
    public void Margins_that_are_all_positive_are_not_taken_for_probabilities()
    {
        var ensemble = new TreeEnsembleBuilder(1).BeginTree().Branch(NodeMode.LessOrEqual, 0, 0, 1, 2).Leaf(0.25f).Leaf(3f).Build(postTransform: PostTransform.Logistic);
        var model = TreeEnsembleOnnx.BinaryClassifier(ensemble, "x");
        var session = EdgeModel.Prepare(model).CreateSession();
        Assert.Equal(1 / (1 + MathF.Exp(-0.25f)), session.Run([-1f], output: 1)[1], 1e-6f);
        Assert.Equal(1, session.Output<long>()[0]);
        Agree(model, 2, features: 1);
    }

    [Fact]
    public void Two_classes_with_weights_each_are_not_written() =>
        Assert.Throws<ArgumentException>(() => TreeEnsembleOnnx.Classifier(RandomTrees.Ensemble(1, 2, 2, 2, targets: 2)));

    // A file whose leaves have weights for the classes of some ids.
    private static OnnxModel File(int targets, long[] ids, long[] labels, PostTransform transform, int bases, bool positive, bool doubles)
    {
        var type = doubles ? ElementType.Float64 : ElementType.Float32;
        var builder = RandomTrees.Builder(bases + targets, Features, 12, 5, targets, type);
        var model = Classifier(builder.Build(), ids, labels, transform, doubles);
        var node = model.Graph.Nodes[0];
        var attributes = (Dictionary<string, OnnxAttribute>)node.Attributes;
        if (positive)
        {
            attributes["class_weights"] = Array.ConvertAll(attributes["class_weights"].Floats!, w => MathF.Abs(w) / 6);
        }

        double[] values = [0.1, 0.25, -0.4];
        if (bases > 0)
        {
            Set(attributes, "base_values", values[..bases], doubles);
        }

        return model;
    }

    private static OnnxModel Classifier(TreeEnsemble ensemble, long[] ids, object labels, PostTransform transform, bool doubles)
    {
        // The lists of a regression have the same form under other names.
        var source = TreeEnsembleOnnx.Regressor(ensemble, "x");
        var attributes = new Dictionary<string, OnnxAttribute>();
        foreach (var (name, value) in source.Graph.Nodes[0].Attributes)
        {
            if (name is not ("n_targets" or "aggregate_function" or "post_transform") && !name.StartsWith("base_values", StringComparison.Ordinal))
            {
                attributes[name.Replace("target_", "class_", StringComparison.Ordinal)] = value;
            }
        }

        attributes["class_ids"] = Array.ConvertAll(attributes["class_ids"].Ints!, id => ids[id]);
        attributes["post_transform"] = transform switch
        {
            PostTransform.Logistic => "LOGISTIC",
            PostTransform.Softmax => "SOFTMAX",
            PostTransform.SoftmaxZero => "SOFTMAX_ZERO",
            PostTransform.Probit => "PROBIT",
            _ => "NONE",
        };
        var texts = labels as string[];
        attributes[texts is null ? "classlabels_int64s" : "classlabels_strings"] = texts is null ? (long[])labels : texts;
        var batch = TensorDimension.Free("batch");
        return new OnnxModel
        {
            Opsets = source.Opsets,
            Graph = new OnnxGraph
            {
                Name = "g",
                Nodes = [new OnnxNode { OpType = "TreeEnsembleClassifier", Domain = TreeEnsembleOnnx.Domain, Inputs = ["x"], Outputs = ["label", "probabilities"], Attributes = attributes }],
                Inputs = source.Graph.Inputs,
                Outputs =
                [
                    new OnnxValueInfo("label", new TensorSpec("label", texts is null ? ElementType.Int64 : ElementType.String, batch)),
                    new OnnxValueInfo("probabilities", new TensorSpec("probabilities", ElementType.Float32, batch, TensorDimension.Fixed(texts?.Length ?? ((long[])labels).Length))),
                ],
            },
        };
    }

    private static void Set(Dictionary<string, OnnxAttribute> attributes, string name, double[] values, bool doubles)
    {
        if (doubles)
        {
            attributes[$"{name}_as_tensor"] = new OnnxAttribute { Tensor = OnnxTensor.Of(values, values.Length) };
        }
        else
        {
            attributes[name] = Array.ConvertAll(values, v => (float)v);
        }
    }

    // Compares labels, and the first columns of the scores.
    private static void Agree(OnnxModel model, int columns, int features = Features, bool texts = false)
    {
        var onnx = model.Write();
        using var ort = new Ort(onnx);
        var edge = EdgeModel.Load(onnx);
        var session = edge.CreateSession(Rows);
        var rows = RandomTrees.CategoryRows(77, features, Rows);
        float[] expected;
        long[] labels = [];
        if (edge.Signature.Inputs[0].Type == ElementType.Float64)
        {
            double[] doubles = [.. rows.Select(x => (double)x)];
            doubles.CopyTo(session.Input<double>());
            expected = ort.Run<double, float>(doubles, features, "probabilities");
            labels = ort.Run<double, long>(doubles, features, "label");
        }
        else
        {
            rows.CopyTo(session.Input());
            expected = ort.Floats(rows, features, "probabilities");
            labels = texts ? [] : ort.Longs(rows, features, "label");
        }

        session.Run(Rows);
        var width = edge.OutputWidth(1);
        var actual = session.Output<float>(1).ToArray();
        OnnxRegressorTests.Near([.. expected.Where((_, i) => i % width < columns)], [.. actual.Where((_, i) => i % width < columns)], 1e-4);
        if (texts)
        {
            Assert.Equal(ort.Texts(rows, features, "label"), Enumerable.Range(0, Rows).Select(r => session.Text(r)));
        }
        else
        {
            Assert.Equal(labels, session.Output<long>(0).ToArray());
            Assert.True(labels.Distinct().Count() > 1 || columns == 1 || width == 2);
        }
    }
}
