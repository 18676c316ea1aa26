namespace Mlp.Core;

/// <summary>Writes the raw scores of an ensemble, and transforms, as operators.</summary>
internal static class TreeScoresOnnx
{
    /// <summary>Adds operators that give raw scores as floats; those transforms that only tree operators have are part of them.</summary>
    public static void Add(TreeEnsemble ensemble, TreeGraph graph)
    {
        CheckWritable(ensemble);
        CastRows(ensemble, graph);

        // An average by another number than that of the trees is a sum, and a division behind it.
        var divides = ensemble.Aggregate == EnsembleAggregate.Average && ensemble.Divisor != ensemble.Roots.Length;
        var aggregate = divides ? EnsembleAggregate.Sum : ensemble.Aggregate;
        var basesAreLeaves = aggregate == EnsembleAggregate.Sum && !divides;
        var transform = divides ? PostTransform.None : ensemble.PostTransform;
        var hasBases = HasBases(ensemble);
        if (ensemble.HasSets)
        {
            AddTensors(ensemble, graph, aggregate, hasBases && basesAreLeaves, transform);
        }
        else
        {
            AddLists(ensemble, graph, aggregate, hasBases && !divides, transform);
        }

        if (divides)
        {
            graph.AddConstant("Div", ensemble.Divisor);
        }

        if (hasBases && (divides || (ensemble.HasSets && !basesAreLeaves)))
        {
            graph.AddConstant("Add", ensemble.BaseValues);
        }
    }

    /// <summary>Adds the transform as operators of its own.</summary>
    public static void AddTransform(TreeEnsemble ensemble, TreeGraph graph)
    {
        var divides = ensemble.Aggregate == EnsembleAggregate.Average && ensemble.Divisor != ensemble.Roots.Length;
        switch (ensemble.PostTransform)
        {
            case PostTransform.None:
                break;
            case PostTransform.Probit or PostTransform.SoftmaxZero when !divides && !(ensemble.PostTransform == PostTransform.SoftmaxZero && ensemble.TargetCount == 1) && !NeedsAdd(ensemble):
                // A part of the trees' operator.
                break;
            case PostTransform.Logistic:
                if (ensemble.Output.LogisticScale != 1)
                {
                    graph.AddConstant("Mul", ensemble.Output.LogisticScale);
                }

                graph.Add("Sigmoid");
                break;
            case PostTransform.Softmax:
                graph.Add("Softmax", new() { ["axis"] = 1L });
                break;
            case PostTransform.Exp:
                graph.Add("Exp");
                break;
            case PostTransform.LogOnePlusExp:
                graph.Add("Softplus");
                break;
            default:
                throw new ArgumentException($"expected an ensemble whose transform ONNX has; it is {ensemble.PostTransform}", nameof(ensemble));
        }
    }

    /// <summary>Refuses what no operator of trees can state.</summary>
    public static void CheckWritable(TreeEnsemble ensemble)
    {
        if (ensemble.HasLinearLeaves)
        {
            throw new ArgumentException("expected an ensemble without linear models in its leaves: no operator of ONNX's trees has them", nameof(ensemble));
        }

        if (ensemble.Input == ElementType.Float64 && ensemble.Sum == ElementType.Float32)
        {
            throw new ArgumentException("expected an ensemble that sums in double, as ONNX does for rows of doubles", nameof(ensemble));
        }

        for (var tree = 0; tree < ensemble.Roots.Length; tree++)
        {
            foreach (ref readonly var node in ensemble.NodesOf(tree))
            {
                if (node.Mode == NodeMode.Leaf && node.WeightCount == 0 && ensemble.Aggregate is EnsembleAggregate.Min or EnsembleAggregate.Max)
                {
                    throw new ArgumentException($"expected weights in every leaf of an ensemble with the aggregate {ensemble.Aggregate}; one of tree {tree} has none", nameof(ensemble));
                }

                if (node.ZeroIsMissing && !ZeroIsAsStated(ensemble, node))
                {
                    throw new ArgumentException($"expected an ensemble in which zeros are not missing: a node of tree {tree} sends them to another side than its threshold does, which no operator of ONNX's trees can", nameof(ensemble));
                }
            }
        }
    }

    /// <summary>Rows of floats whose leaves are summed in double are made doubles first: an operator has one type.</summary>
    public static void CastRows(TreeEnsemble ensemble, TreeGraph graph)
    {
        if (ensemble.Input != ensemble.Sum)
        {
            graph.Cast(ElementType.Float64);
        }
    }

    public static LeafWeight[] BaseLeaf(TreeEnsemble ensemble)
    {
        var weights = new LeafWeight[ensemble.TargetCount];
        for (var target = 0; target < weights.Length; target++)
        {
            weights[target] = new LeafWeight(target, ensemble.BaseValues[target]);
        }

        return weights;
    }

    public static bool HasBases(TreeEnsemble ensemble) => ensemble.BaseValues.ContainsAnyExcept(0.0);

    private static bool NeedsAdd(TreeEnsemble ensemble) => ensemble.HasSets && ensemble.Aggregate != EnsembleAggregate.Sum && HasBases(ensemble);

    private static void AddLists(TreeEnsemble ensemble, TreeGraph graph, EnsembleAggregate aggregate, bool hasBases, PostTransform transform)
    {
        var writer = new TreeListWriter("target", ensemble.Sum == ElementType.Float64);
        if (hasBases && ensemble.Output.SumFromBase)
        {
            writer.AddLeaf(BaseLeaf(ensemble));
        }

        writer.Add(ensemble);
        var attributes = writer.Attributes(hasBases && !ensemble.Output.SumFromBase ? ensemble.BaseValues : []);
        attributes["n_targets"] = (long)ensemble.TargetCount;
        attributes["aggregate_function"] = aggregate switch
        {
            EnsembleAggregate.Average => "AVERAGE",
            EnsembleAggregate.Min => "MIN",
            EnsembleAggregate.Max => "MAX",
            _ => "SUM",
        };
        attributes["post_transform"] = transform switch
        {
            PostTransform.Probit => "PROBIT",
            PostTransform.SoftmaxZero when ensemble.TargetCount > 1 => "SOFTMAX_ZERO",
            _ => "NONE",
        };
        graph.Add("TreeEnsembleRegressor", attributes, TreeEnsembleOnnx.Domain);
    }

    // This operator has no base values: in a sum they are trees of one leaf.
    private static void AddTensors(TreeEnsemble ensemble, TreeGraph graph, EnsembleAggregate aggregate, bool hasBases, PostTransform transform)
    {
        if (aggregate != EnsembleAggregate.Sum)
        {
            foreach (ref readonly var node in ensemble.Nodes)
            {
                if (node.Mode == NodeMode.Leaf && node.WeightCount > 1)
                {
                    throw new ArgumentException($"expected leaves of one weight in an ensemble with sets and the aggregate {aggregate}", nameof(ensemble));
                }
            }
        }

        var writer = new TreeTensorWriter(ensemble.Sum == ElementType.Float64);
        AddBases(ensemble.Output.SumFromBase);
        writer.Add(ensemble);
        AddBases(!ensemble.Output.SumFromBase);
        var attributes = writer.Attributes();
        attributes["n_targets"] = (long)ensemble.TargetCount;
        attributes["aggregate_function"] = aggregate switch
        {
            EnsembleAggregate.Average => 0L,
            EnsembleAggregate.Min => 2L,
            EnsembleAggregate.Max => 3L,
            _ => 1L,
        };

        // Softmax and logistic, which runtimes number differently, are operators of their own.
        var joins = !NeedsAdd(ensemble);
        attributes["post_transform"] = transform switch
        {
            PostTransform.Probit when joins => 4L,
            PostTransform.SoftmaxZero when joins && ensemble.TargetCount > 1 => 3L,
            _ => 0L,
        };
        graph.TreeOpset = 5;
        graph.Add("TreeEnsemble", attributes, TreeEnsembleOnnx.Domain);
        if (ensemble.Sum == ElementType.Float64)
        {
            graph.Cast(ElementType.Float32);
        }

        void AddBases(bool here)
        {
            if (hasBases && here)
            {
                foreach (var weight in BaseLeaf(ensemble))
                {
                    writer.AddLeaf(weight);
                }
            }
        }
    }

    // Zeros that go where the question sends them anyway need no flag.
    private static bool ZeroIsAsStated(TreeEnsemble ensemble, in TreeNode node)
    {
        const double Most = 1e-35f;
        var t = node.Threshold;
        bool? all = node.Mode switch
        {
            NodeMode.LessOrEqual => t >= Most ? true : t < -Most ? false : null,
            NodeMode.Less => t > Most ? true : t <= -Most ? false : null,
            NodeMode.GreaterOrEqual => t <= -Most ? true : t > Most ? false : null,
            NodeMode.Greater => t < -Most ? true : t >= Most ? false : null,
            NodeMode.Equal => Math.Abs(t) > Most ? false : null,
            NodeMode.NotEqual => Math.Abs(t) > Most ? true : null,
            _ => ensemble.SetOf(node) is var set && (set.Length == 0 || (set[0] & 1) == 0) ? false : null,
        };

        // NaN has the flag too, and only an inequality sends it to yes without one.
        return all == node.MissingGoesTrue && (node.Mode != NodeMode.NotEqual || node.MissingGoesTrue);
    }
}
