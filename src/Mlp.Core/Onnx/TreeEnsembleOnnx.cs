namespace Mlp.Core;

/// <summary>Tree ensembles as ONNX models: one operator of the domain <c>ai.onnx.ml</c>, version 3.</summary>
public static class TreeEnsembleOnnx
{
    /// <summary>The domain of classical models.</summary>
    public const string Domain = "ai.onnx.ml";

    private static readonly Dictionary<string, long> Opsets = new() { [""] = 17, [Domain] = 3 };

    /// <summary>
    /// A classifier of two classes: input <c>float32[batch, features]</c>; outputs <c>label: int64[batch]</c> and
    /// <c>probabilities: float32[batch, 2]</c>, the second column being the positive class.
    /// </summary>
    /// <param name="ensemble">One target, sum, and <see cref="PostTransform.Logistic"/> or none.</param>
    /// <param name="inputName">Name of the input.</param>
    /// <exception cref="ArgumentException">The ensemble is of another kind.</exception>
    public static OnnxModel BinaryClassifier(TreeEnsemble ensemble, string inputName = "features")
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        if (ensemble.TargetCount != 1 || ensemble.Aggregate != EnsembleAggregate.Sum || ensemble.PostTransform is not (PostTransform.None or PostTransform.Logistic))
        {
            throw new ArgumentException("expected an ensemble of one target, summed, with a logistic or no transform", nameof(ensemble));
        }

        var attributes = NodeAttributes(ensemble, "class");
        attributes["classlabels_int64s"] = new long[] { 0, 1 };
        attributes["post_transform"] = ensemble.PostTransform == PostTransform.Logistic ? "LOGISTIC" : "NONE";
        return Model(ensemble, "TreeEnsembleClassifier", inputName, attributes,
            new TensorSpec("label", ElementType.Int64, TensorDimension.Free("batch")),
            new TensorSpec("probabilities", ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(2)));
    }

    /// <summary>A regression: input <c>float32[batch, features]</c>; output <c>scores: float32[batch, targets]</c>.</summary>
    /// <exception cref="ArgumentException">The ensemble has a transform.</exception>
    public static OnnxModel Regressor(TreeEnsemble ensemble, string inputName = "features")
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        if (ensemble.PostTransform != PostTransform.None)
        {
            // ONNX Runtime leaves the transform of a regressor with one target out, so a file that asks for one would mean two things.
            throw new ArgumentException("expected an ensemble without a transform", nameof(ensemble));
        }

        var attributes = NodeAttributes(ensemble, "target");
        attributes["n_targets"] = (long)ensemble.TargetCount;
        attributes["aggregate_function"] = ensemble.Aggregate switch
        {
            EnsembleAggregate.Average => "AVERAGE",
            EnsembleAggregate.Min => "MIN",
            EnsembleAggregate.Max => "MAX",
            _ => "SUM",
        };
        return Model(ensemble, "TreeEnsembleRegressor", inputName, attributes,
            new TensorSpec("scores", ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(ensemble.TargetCount)));
    }

    private static OnnxModel Model(TreeEnsemble ensemble, string type, string inputName, Dictionary<string, OnnxAttribute> attributes, params ReadOnlySpan<TensorSpec> outputs)
    {
        var input = new TensorSpec(inputName, ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(ensemble.FeatureCount));
        var infos = new List<OnnxValueInfo>();
        var names = new List<string>();
        foreach (var output in outputs)
        {
            infos.Add(new OnnxValueInfo(output.Name, output));
            names.Add(output.Name);
        }

        return new OnnxModel
        {
            Opsets = Opsets,
            Graph = new OnnxGraph
            {
                Name = "trees",
                Nodes = [new OnnxNode { OpType = type, Domain = Domain, Name = "trees", Inputs = [inputName], Outputs = names, Attributes = attributes }],
                Inputs = [new OnnxValueInfo(inputName, input)],
                Outputs = infos,
            },
        };
    }

    // ONNX numbers nodes within their tree and states them as parallel lists.
    private static Dictionary<string, OnnxAttribute> NodeAttributes(TreeEnsemble ensemble, string weightPrefix)
    {
        RefuseUnwritable(ensemble);
        var nodes = ensemble.Nodes;
        var count = nodes.Length;
        long[] treeIds = new long[count], nodeIds = new long[count], features = new long[count], trueIds = new long[count], falseIds = new long[count], missing = new long[count];
        var values = new float[count];
        var modes = new string[count];
        var weightTrees = new List<long>();
        var weightNodes = new List<long>();
        var weightIds = new List<long>();
        var weights = new List<float>();
        for (int tree = 0, i = 0; tree < ensemble.Roots.Length; tree++)
        {
            var root = ensemble.Roots[tree];
            var end = tree + 1 < ensemble.Roots.Length ? ensemble.Roots[tree + 1] : count;
            for (; i < end; i++)
            {
                ref readonly var node = ref nodes[i];
                treeIds[i] = tree;
                nodeIds[i] = i - root;
                modes[i] = NodeModeNames.Name(node.Mode);
                if (node.Mode != NodeMode.Leaf)
                {
                    features[i] = node.Feature;
                    values[i] = (float)node.Threshold;
                    trueIds[i] = node.TrueChild - root;
                    falseIds[i] = node.FalseChild - root;
                    missing[i] = node.MissingGoesTrue ? 1 : 0;
                    continue;
                }

                foreach (var weight in ensemble.WeightsOf(node))
                {
                    weightTrees.Add(tree);
                    weightNodes.Add(i - root);

                    // Two classes and weights for id 0 alone: every exporter's and runtime's form of "the positive class's margin".
                    weightIds.Add(weight.Target);
                    weights.Add((float)weight.Weight);
                }
            }
        }

        return new Dictionary<string, OnnxAttribute>(StringComparer.Ordinal)
        {
            ["nodes_treeids"] = treeIds,
            ["nodes_nodeids"] = nodeIds,
            ["nodes_featureids"] = features,
            ["nodes_values"] = values,
            ["nodes_modes"] = modes,
            ["nodes_truenodeids"] = trueIds,
            ["nodes_falsenodeids"] = falseIds,
            ["nodes_missing_value_tracks_true"] = missing,
            [$"{weightPrefix}_treeids"] = weightTrees.ToArray(),
            [$"{weightPrefix}_nodeids"] = weightNodes.ToArray(),
            [$"{weightPrefix}_ids"] = weightIds.ToArray(),
            [$"{weightPrefix}_weights"] = weights.ToArray(),
            ["base_values"] = Array.ConvertAll(ensemble.BaseValues.ToArray(), static value => (float)value),
        };
    }

    private static void RefuseUnwritable(TreeEnsemble ensemble)
    {
        var doubles = ensemble.Input != ElementType.Float32 || ensemble.Sum != ElementType.Float32;
        var zeros = false;
        foreach (ref readonly var node in ensemble.Nodes)
        {
            zeros |= node.ZeroIsMissing;
        }

        if (doubles || zeros || ensemble.HasSets || ensemble.HasLinearLeaves || ensemble.Output.LogisticScale != 1)
        {
            throw new ArgumentException("expected an ensemble of floats and comparisons, with plain leaves and a logistic of scale 1", nameof(ensemble));
        }
    }
}
