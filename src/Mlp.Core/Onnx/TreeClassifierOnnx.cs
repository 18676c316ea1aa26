namespace Mlp.Core;

/// <summary>Writes an ensemble as a classifier: label and a score for each class.</summary>
internal static class TreeClassifierOnnx
{
    public static OnnxModel Write(TreeEnsemble ensemble, string inputName)
    {
        TreeScoresOnnx.CheckWritable(ensemble);
        var graph = new TreeGraph(inputName, ensemble.Input, ensemble.FeatureCount);
        if (ensemble.HasSets || ensemble.Aggregate == EnsembleAggregate.Average || ensemble.Output.LogisticScale != 1)
        {
            AddScoresAndLabel(ensemble, graph);
        }
        else
        {
            AddOperator(ensemble, graph);
        }

        return graph.Model(
            new TensorSpec("label", ensemble.Output.LabelTexts.Count == 0 ? ElementType.Int64 : ElementType.String, TensorDimension.Free("batch")),
            new TensorSpec("probabilities", ElementType.Float32, TensorDimension.Free("batch"), TensorDimension.Fixed(Math.Max(2, ensemble.TargetCount))));
    }

    private static void AddOperator(TreeEnsemble ensemble, TreeGraph graph)
    {
        TreeScoresOnnx.CastRows(ensemble, graph);
        var writer = new TreeListWriter("class", ensemble.Sum == ElementType.Float64);
        var hasBases = TreeScoresOnnx.HasBases(ensemble);
        if (hasBases && ensemble.Output.SumFromBase)
        {
            writer.AddLeaf(TreeScoresOnnx.BaseLeaf(ensemble));
        }

        writer.Add(ensemble);
        if (ensemble.TargetCount == 1 && ensemble.PostTransform == PostTransform.Logistic && !ensemble.Weights.ContainsAnyNegative())
        {
            // Leaves that are all positive would be taken for probabilities; one that is below zero and changes no sum says that they are margins.
            writer.AddLeaf(new LeafWeight(0, -float.Epsilon));
        }

        var attributes = writer.Attributes(hasBases && !ensemble.Output.SumFromBase ? ensemble.BaseValues : []);
        if (ensemble.Output.LabelTexts.Count != 0)
        {
            attributes["classlabels_strings"] = ensemble.Output.LabelTexts.ToArray();
        }
        else
        {
            attributes["classlabels_int64s"] = Labels(ensemble);
        }

        attributes["post_transform"] = ensemble.PostTransform switch
        {
            PostTransform.Logistic => "LOGISTIC",
            PostTransform.Softmax => "SOFTMAX",
            PostTransform.SoftmaxZero => "SOFTMAX_ZERO",
            PostTransform.Probit => "PROBIT",
            _ => "NONE",
        };
        graph.AddNode("TreeEnsembleClassifier", attributes, TreeEnsembleOnnx.Domain, [graph.Last], ["label", "probabilities"]);
    }

    // The newer operator gives scores alone: the label is the largest score's.
    private static void AddScoresAndLabel(TreeEnsemble ensemble, TreeGraph graph)
    {
        TreeScoresOnnx.Add(ensemble, graph);
        var scores = graph.Last;
        if (ensemble.TargetCount == 1)
        {
            AddBinaryScores(ensemble, graph);
            scores = graph.Last;
        }
        else
        {
            TreeScoresOnnx.AddTransform(ensemble, graph);
        }

        // Scores of many classes are compared before the transform, which may make equals of what differs.
        var probabilities = graph.Last;
        var labels = Labels(ensemble);
        var counted = ensemble.Output.LabelTexts.Count == 0;
        for (var i = 0; i < labels.Length; i++)
        {
            counted &= labels[i] == i;
        }

        var arg = new Dictionary<string, OnnxAttribute> { ["axis"] = 1L, ["keepdims"] = 0L };
        graph.AddNode("ArgMax", arg, "", [scores], [counted ? "label" : "index"]);
        if (!counted)
        {
            var keys = new long[labels.Length];
            for (var i = 0; i < keys.Length; i++)
            {
                keys[i] = i;
            }

            var encoder = new Dictionary<string, OnnxAttribute> { ["keys_int64s"] = keys };
            if (ensemble.Output.LabelTexts.Count != 0)
            {
                encoder["values_strings"] = ensemble.Output.LabelTexts.ToArray();
            }
            else
            {
                encoder["values_int64s"] = labels;
            }

            graph.AddNode("LabelEncoder", encoder, TreeEnsembleOnnx.Domain, ["index"], ["label"]);
        }

        graph.AddNode("Identity", null, "", [probabilities], ["probabilities"]);
    }

    private static void AddBinaryScores(TreeEnsemble ensemble, TreeGraph graph)
    {
        if (ensemble.PostTransform == PostTransform.Logistic && ensemble.Output.LogisticScale != 1)
        {
            graph.AddConstant("Mul", ensemble.Output.LogisticScale);
        }

        var positive = graph.Last;
        var negative = graph.Add("Neg");
        if (ensemble.PostTransform == PostTransform.Logistic)
        {
            negative = graph.Add("Sigmoid");
            positive = graph.Add("Sigmoid", null, "", positive);
        }
        else if (!ensemble.Weights.ContainsAnyNegative())
        {
            // Leaves that are all positive are probabilities.
            graph.AddConstant("Add", 1);
            negative = graph.Last;
        }

        graph.Add("Concat", new() { ["axis"] = 1L }, "", negative, positive);
    }

    private static long[] Labels(TreeEnsemble ensemble)
    {
        var labels = new long[Math.Max(2, ensemble.TargetCount)];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = ensemble.Output.LabelNumbers.Count == 0 ? i : ensemble.Output.LabelNumbers[i];
        }

        return labels;
    }

    private static bool ContainsAnyNegative(this ReadOnlySpan<LeafWeight> weights)
    {
        foreach (var weight in weights)
        {
            if (weight.Weight < 0)
            {
                return true;
            }
        }

        return false;
    }
}
