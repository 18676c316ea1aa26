namespace Mlp.Core;

/// <summary>
/// Reads the operators <c>TreeEnsembleClassifier</c> and <c>TreeEnsembleRegressor</c> (ai.onnx.ml 1 and 3) and <c>TreeEnsemble</c>
/// (ai.onnx.ml 5) into the neutral ensemble. <c>nodes_hitrates</c> changes no answer and is left unread.
/// </summary>
/// <remarks>
/// Where ONNX is silent it is read as ONNX Runtime runs it: a regression of one target has no transform but PROBIT, and a classifier of two
/// classes whose weights are all for class 0 states the margin of class 1.
/// </remarks>
public sealed class TreeEnsembleNode
{
    private TreeEnsembleNode(TreeEnsemble ensemble, bool isClassifier, int? onlyClass)
    {
        Ensemble = ensemble;
        IsClassifier = isClassifier;
        OnlyClass = onlyClass;
    }

    /// <summary>The trees, with the labels of a classifier's classes.</summary>
    public TreeEnsemble Ensemble { get; }

    /// <summary>Whether the operator gives a label beside the scores.</summary>
    public bool IsClassifier { get; }

    /// <summary>Whether this is a classifier of two classes that states one number, of the second class: the ensemble then has one target.</summary>
    public bool IsMargin => IsClassifier && Ensemble.TargetCount == 1 && LabelCount == 2;

    /// <summary>The class that all weights are for, where there is only one.</summary>
    public int? OnlyClass { get; }

    private int LabelCount => Math.Max(Ensemble.Output.LabelNumbers.Count, Ensemble.Output.LabelTexts.Count);

    /// <summary>Reads a node.</summary>
    /// <param name="node">The operator.</param>
    /// <param name="featureCount">Elements of the input's rows.</param>
    /// <param name="input">Type of the rows, float32 or float64; the sums are in double where the rows or the weights are.</param>
    /// <exception cref="MlpException">Its lists do not fit together; the message names tree and node.</exception>
    public static TreeEnsembleNode Read(OnnxNode node, int featureCount, ElementType input = ElementType.Float32)
    {
        ArgumentNullException.ThrowIfNull(node);
        try
        {
            return node.OpType switch
            {
                "TreeEnsembleClassifier" => ReadClassifier(node, featureCount, input),
                "TreeEnsembleRegressor" => ReadRegressor(node, featureCount, input),
                "TreeEnsemble" => ReadTensors(node, featureCount, input),
                _ => throw new ArgumentException($"{node} is no tree ensemble", nameof(node)),
            };
        }
        catch (MlpException error) when (!error.Message.StartsWith(node.ToString(), StringComparison.Ordinal))
        {
            throw new MlpException(error.Code, $"{node}: {error.Message}", error);
        }
    }

    private static TreeEnsembleNode ReadClassifier(OnnxNode node, int featureCount, ElementType input)
    {
        var (numbers, texts) = (node.Ints("classlabels_int64s"), node.Texts("classlabels_strings"));
        if ((numbers.Length == 0) == (texts.Length == 0))
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: {numbers.Length} classlabels_int64s and {texts.Length} classlabels_strings; expected one kind of label.");
        }

        var classes = numbers.Length + texts.Length;
        var ids = Ids(node, "class_ids");
        var only = OnlyOne(ids);
        var bases = TreeNumbers.List(node, "base_values").Values;
        var margin = classes == 2 && only == 0 && bases.Length <= 1;
        if (classes == 2 && !margin && bases.Length is 1 or 2)
        {
            // One base value is the first class's, and a class without weights has none.
            bases = [only == 1 ? 0 : bases[0], only == 0 || bases.Length == 1 ? 0 : bases[1]];
        }

        var transform = Transform(node);
        if (margin && transform is PostTransform.Softmax or PostTransform.SoftmaxZero)
        {
            transform = PostTransform.None;
        }

        return new TreeEnsembleNode(
            ReadLists(node, "class", featureCount, margin ? 1 : classes, input, ids, new EnsembleOutput { BaseValues = bases, PostTransform = transform, LabelNumbers = numbers, LabelTexts = texts }),
            isClassifier: true,
            only);
    }

    private static TreeEnsembleNode ReadRegressor(OnnxNode node, int featureCount, ElementType input)
    {
        var targets = TreeNumbers.Targets(node);
        var aggregate = node.Text("aggregate_function", "SUM") switch
        {
            "SUM" => EnsembleAggregate.Sum,
            "AVERAGE" => EnsembleAggregate.Average,
            "MIN" => EnsembleAggregate.Min,
            "MAX" => EnsembleAggregate.Max,
            var other => throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the aggregate function '{other}' is not supported."),
        };
        var output = new EnsembleOutput { Aggregate = aggregate, PostTransform = OfRegression(Transform(node), targets), BaseValues = TreeNumbers.List(node, "base_values").Values };
        return new TreeEnsembleNode(ReadLists(node, "target", featureCount, targets, input, Ids(node, "target_ids"), output), isClassifier: false, null);
    }

    private static TreeEnsemble ReadLists(OnnxNode node, string prefix, int featureCount, int targets, ElementType input, int[] ids, EnsembleOutput output)
    {
        var weights = TreeNumbers.List(node, $"{prefix}_weights");
        TreeNumbers.Required(weights.Values, node, $"{prefix}_weights", ids.Length);
        var sum = input == ElementType.Float64 || weights.AreDoubles ? ElementType.Float64 : ElementType.Float32;
        var builder = new TreeEnsembleBuilder(featureCount, targets, input, sum);
        new TreeListReader(node, prefix).AddTo(builder, weights.Values, ids);
        return builder.Build(output);
    }

    private static TreeEnsembleNode ReadTensors(OnnxNode node, int featureCount, ElementType input)
    {
        var targets = TreeNumbers.Targets(node);
        var aggregate = node.Int("aggregate_function", 1) switch
        {
            0 => EnsembleAggregate.Average,
            1 => EnsembleAggregate.Sum,
            2 => EnsembleAggregate.Min,
            3 => EnsembleAggregate.Max,
            var other => throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the aggregate function {other} is none."),
        };

        // ONNX's numbers. ONNX Runtime exchanges 1 and 2, against its own specification.
        var transform = node.Int("post_transform", 0) switch
        {
            0 => PostTransform.None,
            1 => PostTransform.Softmax,
            2 => PostTransform.Logistic,
            3 => PostTransform.SoftmaxZero,
            4 => PostTransform.Probit,
            var other => throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the post transform {other} is none."),
        };
        var sum = input == ElementType.Float64 || TreeNumbers.Tensor(node, "leaf_weights").AreDoubles ? ElementType.Float64 : ElementType.Float32;
        var builder = new TreeEnsembleBuilder(featureCount, targets, input, sum);
        new TreeTensorReader(node).AddTo(builder, featureCount, targets);
        return new TreeEnsembleNode(builder.Build(aggregate, OfRegression(transform, targets)), isClassifier: false, null);
    }

    private static PostTransform Transform(OnnxNode node) => node.Text("post_transform", "NONE") switch
    {
        "NONE" => PostTransform.None,
        "LOGISTIC" => PostTransform.Logistic,
        "SOFTMAX" => PostTransform.Softmax,
        "SOFTMAX_ZERO" => PostTransform.SoftmaxZero,
        "PROBIT" => PostTransform.Probit,
        var other => throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the post transform '{other}' is not supported."),
    };

    private static PostTransform OfRegression(PostTransform transform, int targets) => targets == 1 && transform != PostTransform.Probit ? PostTransform.None : transform;

    // An id that is no index stays one: the builder refuses it with tree and node.
    private static int[] Ids(OnnxNode node, string name) => Array.ConvertAll(TreeNumbers.Required(node.Ints(name), node, name), static id => (int)Math.Clamp(id, -1, int.MaxValue));

    private static int? OnlyOne(int[] ids)
    {
        foreach (var id in ids)
        {
            if (id != ids[0])
            {
                return null;
            }
        }

        return ids[0];
    }
}
