using System.Runtime.InteropServices;

namespace Mlp.Core;

/// <summary>
/// A tree of a LightGBM model as the ensemble's. Inner nodes keep their numbers; leaf i follows them as node (inner nodes + i). What is
/// decided where is <c>NumericalDecision</c> and <c>CategoricalDecision</c> of LightGBM's <c>tree.h</c>.
/// </summary>
internal static class LightGbmTree
{
    // Bits of decision_type: kCategoricalMask, kDefaultLeftMask, and the missing type above them.
    private const int CategoricalBit = 1;
    private const int DefaultLeftBit = 2;
    private const int MissingTypeShift = 2;

    /// <summary>kZeroThreshold, a constant in float.</summary>
    private const double ZeroMax = 1e-35f;

    private enum MissingType
    {
        /// <summary>NaN is read as 0.</summary>
        None,

        /// <summary>NaN and 0 go to the default side.</summary>
        Zero,

        /// <summary>NaN goes to the default side.</summary>
        NaN,
    }

    /// <summary>Adds the tree.</summary>
    /// <param name="fields">What the model has of it.</param>
    /// <param name="builder">What it is added to.</param>
    /// <param name="target">The raw score that it is for.</param>
    /// <returns>The number of its inner nodes.</returns>
    public static int Add(LightGbmFields fields, TreeEnsembleBuilder builder, int target)
    {
        var leaves = fields.Number("num_leaves", min: 1);
        builder.BeginTree();
        if (leaves > 1)
        {
            AddBranches(fields, builder, leaves);
        }

        var values = fields.Doubles("leaf_value", leaves, "leaf");
        if (fields.Has("is_linear") && fields.Number("is_linear", min: 0) != 0)
        {
            AddLinearLeaves(fields, builder, target, values);
            return leaves - 1;
        }

        foreach (var value in values)
        {
            builder.Leaf([new LeafWeight(target, value)]);
        }

        return leaves - 1;
    }

    private static void AddBranches(LightGbmFields fields, TreeEnsembleBuilder builder, int leaves)
    {
        var inner = leaves - 1;
        var features = fields.Integers("split_feature", inner, "node");
        var thresholds = fields.Doubles("threshold", inner, "node");
        var decisions = fields.Integers("decision_type", inner, "node");
        var left = fields.Integers("left_child", inner, "node");
        var right = fields.Integers("right_child", inner, "node");
        var sets = new LightGbmSets(fields);
        for (var node = 0; node < inner; node++)
        {
            var leftChild = Child(fields, node, left[node], leaves);
            var rightChild = Child(fields, node, right[node], leaves);
            var missing = (MissingType)(decisions[node] >> MissingTypeShift);
            if (missing is < MissingType.None or > MissingType.NaN)
            {
                throw fields.Invalid("node", node, $"the decision type {decisions[node]}; expected 0 to 11");
            }

            if ((decisions[node] & CategoricalBit) != 0)
            {
                builder.Member(features[node], sets.Take(node, thresholds[node]), leftChild, rightChild, NodeFlags.TruncatesFractions);
                continue;
            }

            var threshold = BeyondZeros(thresholds[node]);
            var missingGoesLeft = missing == MissingType.None ? threshold >= 0 : (decisions[node] & DefaultLeftBit) != 0;
            var flags = (missingGoesLeft ? NodeFlags.MissingGoesTrue : 0) | (missing == MissingType.Zero ? NodeFlags.ZeroIsMissing : 0);
            builder.Branch(NodeMode.LessOrEqual, features[node], threshold, leftChild, rightChild, flags);
        }
    }

    private static void AddLinearLeaves(LightGbmFields fields, TreeEnsembleBuilder builder, int target, double[] fallbacks)
    {
        var constants = fields.Doubles("leaf_const", fallbacks.Length, "leaf");
        var counts = fields.Integers("num_features", fallbacks.Length, "leaf");
        var sum = 0L;
        for (var leaf = 0; leaf < counts.Length; leaf++)
        {
            sum += counts[leaf] >= 0 ? counts[leaf] : throw fields.Invalid("leaf", leaf, $"{counts[leaf]} for 'num_features'");
        }

        var features = fields.Integers("leaf_features", sum, "term");
        var weights = fields.Doubles("leaf_coeff", sum, "term");
        var terms = new List<LeafCoefficient>();
        for (int leaf = 0, next = 0; leaf < counts.Length; leaf++)
        {
            if (counts[leaf] == 0)
            {
                builder.Leaf([new LeafWeight(target, constants[leaf])]);
                continue;
            }

            terms.Clear();
            for (var end = next + counts[leaf]; next < end; next++)
            {
                terms.Add(new LeafCoefficient(features[next], weights[next]));
            }

            builder.LinearLeaf(new LeafWeight(target, fallbacks[leaf]), constants[leaf], CollectionsMarshal.AsSpan(terms));
        }
    }

    // LightGBM reads what lies within kZeroThreshold of zero in a dense row as 0, so all of it goes one way; thresholds do lie on that edge.
    private static double BeyondZeros(double threshold) =>
        !(Math.Abs(threshold) <= ZeroMax) ? threshold : threshold >= 0 ? ZeroMax : Math.BitDecrement(-ZeroMax);

    // A child below zero is the leaf ~child.
    private static int Child(LightGbmFields fields, int node, int child, int leaves)
    {
        var inner = leaves - 1;
        if (child >= inner || ~child >= leaves)
        {
            throw fields.Invalid("node", node, child >= 0 ? $"the child {child} of {inner} inner nodes" : $"the leaf {~child} of {leaves}");
        }

        return child >= 0 ? child : inner + ~child;
    }
}
