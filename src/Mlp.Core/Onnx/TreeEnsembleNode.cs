namespace Mlp.Core;

/// <summary>Reads the operators <c>TreeEnsembleClassifier</c> and <c>TreeEnsembleRegressor</c> (ai.onnx.ml 1 and 3) into the neutral ensemble.</summary>
public sealed class TreeEnsembleNode
{
    private TreeEnsembleNode(TreeEnsemble ensemble, long[] labels, bool positiveWeightsOnly)
    {
        Ensemble = ensemble;
        Labels = labels;
        PositiveWeightsOnly = positiveWeightsOnly;
    }

    /// <summary>The trees.</summary>
    public TreeEnsemble Ensemble { get; }

    /// <summary>Labels of the classes; empty for a regressor.</summary>
    public IReadOnlyList<long> Labels { get; }

    /// <summary>Whether this is a classifier of two classes whose leaves state one class only: the ensemble then has one target.</summary>
    public bool PositiveWeightsOnly { get; }

    /// <summary>Reads a node.</summary>
    /// <param name="node">The operator.</param>
    /// <param name="featureCount">Elements of the input's rows.</param>
    /// <exception cref="MlpException">Its lists do not fit together, or it uses what is not supported; the message names tree and node.</exception>
    public static TreeEnsembleNode Read(OnnxNode node, int featureCount)
    {
        ArgumentNullException.ThrowIfNull(node);
        var classifier = node.OpType == "TreeEnsembleClassifier";
        var prefix = classifier ? "class" : "target";
        var labels = node.Ints("classlabels_int64s");
        if (classifier && labels.Length == 0)
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: expected classlabels_int64s; classes named by texts are not supported.");
        }

        if (node.Floats("nodes_values").Length == 0 && node.Attributes.ContainsKey("nodes_values_as_tensor"))
        {
            throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: thresholds in double are not supported.");
        }

        var weightIds = Required(node.Ints($"{prefix}_ids"), node, $"{prefix}_ids");
        var positiveOnly = classifier && labels.Length == 2 && AllEqual(weightIds);
        var targets = positiveOnly ? 1 : classifier ? labels.Length : (int)Math.Clamp(node.Int("n_targets", 1), 1, 1 << 20);
        var builder = new TreeEnsembleBuilder(featureCount, targets);
        AddTrees(node, prefix, positiveOnly, weightIds, builder);
        var baseValues = node.Floats("base_values");
        if (positiveOnly && baseValues.Length == 2)
        {
            // Two base values beside weights for one class: the positive class has the second.
            baseValues = [baseValues[1]];
        }

        return new TreeEnsembleNode(builder.Build(Aggregate(node), Transform(node), Array.ConvertAll(baseValues, static value => (double)value)), labels, positiveOnly);
    }

    private static void AddTrees(OnnxNode node, string prefix, bool positiveOnly, long[] weightIds, TreeEnsembleBuilder builder)
    {
        var treeIds = node.Ints("nodes_treeids");
        var nodeIds = Required(node.Ints("nodes_nodeids"), node, "nodes_nodeids", treeIds.Length);
        var features = Required(node.Ints("nodes_featureids"), node, "nodes_featureids", treeIds.Length);
        var trueIds = Required(node.Ints("nodes_truenodeids"), node, "nodes_truenodeids", treeIds.Length);
        var falseIds = Required(node.Ints("nodes_falsenodeids"), node, "nodes_falsenodeids", treeIds.Length);
        var values = Required(node.Floats("nodes_values"), node, "nodes_values", treeIds.Length);
        var modes = Required(node.Texts("nodes_modes"), node, "nodes_modes", treeIds.Length);
        var missing = node.Ints("nodes_missing_value_tracks_true");
        if (missing.Length != 0)
        {
            Required(missing, node, "nodes_missing_value_tracks_true", treeIds.Length);
        }

        var weights = Weights(node, prefix, positiveOnly, weightIds);
        for (var start = 0; start < treeIds.Length;)
        {
            var end = start;
            var positions = new Dictionary<long, int>();
            for (; end < treeIds.Length && treeIds[end] == treeIds[start]; end++)
            {
                if (!positions.TryAdd(nodeIds[end], end - start))
                {
                    throw Invalid(node, treeIds[start], nodeIds[end], "occurs twice");
                }
            }

            builder.BeginTree();
            for (var i = start; i < end; i++)
            {
                var mode = NodeModeNames.Find(modes[i]) ?? throw Invalid(node, treeIds[i], nodeIds[i], $"has the mode '{modes[i]}'");
                if (mode == NodeMode.Leaf)
                {
                    builder.Leaf(weights.TryGetValue((treeIds[i], nodeIds[i]), out var list) ? list.ToArray() : []);
                    continue;
                }

                if (!positions.TryGetValue(trueIds[i], out var trueChild) || !positions.TryGetValue(falseIds[i], out var falseChild))
                {
                    throw Invalid(node, treeIds[i], nodeIds[i], $"has the children {trueIds[i]} and {falseIds[i]}, of which one does not exist");
                }

                builder.Branch(mode, (int)Math.Clamp(features[i], -1, int.MaxValue), values[i], trueChild, falseChild, missing.Length != 0 && missing[i] != 0);
            }

            start = end;
        }
    }

    private static Dictionary<(long Tree, long Node), List<LeafWeight>> Weights(OnnxNode node, string prefix, bool positiveOnly, long[] ids)
    {
        var trees = Required(node.Ints($"{prefix}_treeids"), node, $"{prefix}_treeids", ids.Length);
        var nodes = Required(node.Ints($"{prefix}_nodeids"), node, $"{prefix}_nodeids", ids.Length);
        var values = Required(node.Floats($"{prefix}_weights"), node, $"{prefix}_weights", ids.Length);
        var weights = new Dictionary<(long, long), List<LeafWeight>>(ids.Length);
        for (var i = 0; i < ids.Length; i++)
        {
            if (!weights.TryGetValue((trees[i], nodes[i]), out var list))
            {
                weights.Add((trees[i], nodes[i]), list = new List<LeafWeight>(1));
            }

            list.Add(new LeafWeight(positiveOnly ? 0 : (int)Math.Clamp(ids[i], -1, int.MaxValue), values[i]));
        }

        return weights;
    }

    private static EnsembleAggregate Aggregate(OnnxNode node) => node.Text("aggregate_function", "SUM") switch
    {
        "SUM" => EnsembleAggregate.Sum,
        "AVERAGE" => EnsembleAggregate.Average,
        "MIN" => EnsembleAggregate.Min,
        "MAX" => EnsembleAggregate.Max,
        var other => throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the aggregate function '{other}' is not supported."),
    };

    private static PostTransform Transform(OnnxNode node) => node.Text("post_transform", "NONE") switch
    {
        "NONE" => PostTransform.None,
        "LOGISTIC" => PostTransform.Logistic,
        "SOFTMAX" => PostTransform.Softmax,
        "SOFTMAX_ZERO" => PostTransform.SoftmaxZero,
        "PROBIT" => PostTransform.Probit,
        var other => throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: the post transform '{other}' is not supported."),
    };

    private static bool AllEqual(long[] values)
    {
        foreach (var value in values)
        {
            if (value != values[0])
            {
                return false;
            }
        }

        return true;
    }

    private static T[] Required<T>(T[] values, OnnxNode node, string name, int? count = null) =>
        values.Length != 0 && (count is null || values.Length == count)
            ? values
            : throw new MlpException(ErrorCodes.ModelInvalid, $"{node}: '{name}' has {values.Length} entries; expected {(count is null ? "at least one" : count)}.");

    private static MlpException Invalid(OnnxNode node, long tree, long id, string what) =>
        new(ErrorCodes.ModelInvalid, $"{node}: tree {tree}, node {id} {what}.");
}
