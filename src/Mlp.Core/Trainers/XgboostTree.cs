namespace Mlp.Core;

/// <summary>One tree of an XGBoost file, in the file's columns.</summary>
internal sealed class XgboostTree(int index)
{
    // What pruning leaves behind: nodes that nothing leads to, marked by a feature that no model has.
    private const int DeletedFeature = int.MaxValue;

    private const int Categorical = 1;

    public int NodeCount { get; set; }

    public int? DeletedCount { get; set; }

    /// <summary>Weights of a leaf; one for each target where it is not 1.</summary>
    public int LeafSize { get; set; } = 1;

    /// <summary>-1 of a leaf.</summary>
    public int[] Left { get; set; } = [];

    public int[] Right { get; set; } = [];

    public int[] Features { get; set; } = [];

    /// <summary>A threshold, or the weight of a leaf. Nothing of a node that asks for categories.</summary>
    public float[] Conditions { get; set; } = [];

    public int[] DefaultLeft { get; set; } = [];

    /// <summary>1 of a node that asks for categories. Empty before XGBoost 1.3.</summary>
    public int[] SplitTypes { get; set; } = [];

    /// <summary>Of a tree whose leaves are vectors: those of all nodes, up to XGBoost 3.0.</summary>
    public float[]? BaseWeights { get; set; }

    /// <summary>Of a tree whose leaves are vectors: those of the leaves, since XGBoost 3.1. A leaf's right child says which one is its own.</summary>
    public float[]? LeafWeights { get; set; }

    /// <summary>The categories of all nodes, those of one node together: the ones that go right.</summary>
    public int[] Categories { get; set; } = [];

    public int[] CategoryNodes { get; set; } = [];

    public int[] CategorySegments { get; set; } = [];

    public int[] CategorySizes { get; set; } = [];

    /// <summary>Checks that all columns have the length that the file states.</summary>
    public void CheckColumns()
    {
        Require(NodeCount > 0, "no node");
        CheckColumn("left_children", Left.Length);
        CheckColumn("right_children", Right.Length);
        CheckColumn("split_indices", Features.Length);
        CheckColumn("split_conditions", Conditions.Length);
        CheckColumn("default_left", DefaultLeft.Length);
        if (SplitTypes.Length != 0)
        {
            CheckColumn("split_type", SplitTypes.Length);
        }

        Require(CategorySegments.Length == CategoryNodes.Length && CategorySizes.Length == CategoryNodes.Length,
            $"{CategoryNodes.Length} elements in 'categories_nodes', {CategorySegments.Length} in 'categories_segments' and {CategorySizes.Length} in 'categories_sizes'");
        if (LeafSize == 1)
        {
            (BaseWeights, LeafWeights) = (null, null);
        }
        else if (LeafWeights is null)
        {
            Require(BaseWeights?.Length == (long)NodeCount * LeafSize, $"{BaseWeights?.Length ?? 0} elements in 'base_weights' for {NodeCount} nodes of {LeafSize} targets");
        }
    }

    /// <summary>Adds the tree to an ensemble.</summary>
    /// <param name="builder">The ensemble.</param>
    /// <param name="featureCount">Features of the model.</param>
    /// <param name="target">What the tree's leaves are added to.</param>
    /// <param name="treeWeight">What dart multiplies leaves by; else 1.</param>
    /// <returns>The file's number of each node that was added; null where none was left out.</returns>
    public int[]? AddTo(TreeEnsembleBuilder builder, int featureCount, int target, float treeWeight)
    {
        var places = Places(out var kept);
        var sets = Sets();
        var leaf = LeafSize == 1 ? new LeafWeight[1] : new LeafWeight[LeafSize];
        builder.BeginTree();
        for (var node = 0; node < NodeCount; node++)
        {
            if (places[node] < 0)
            {
                continue;
            }

            if (Left[node] < 0)
            {
                Fill(leaf, node, target, treeWeight);
                builder.Leaf(leaf);
                continue;
            }

            if ((uint)Features[node] >= (uint)featureCount)
            {
                throw Invalid(node, $"feature {Features[node]} of {featureCount}");
            }

            var (left, right) = (places[Left[node]], places[Right[node]]);
            if (SplitTypes.Length != 0 && SplitTypes[node] == Categorical)
            {
                if (!sets.TryGetValue(node, out var set))
                {
                    throw Invalid(node, "no categories, which its 'split_type' asks for");
                }

                // Yes is right: the set's own categories go there.
                var missing = DefaultLeft[node] != 0 ? NodeFlags.None : NodeFlags.MissingGoesTrue;
                builder.Member(Features[node], SetOf(node, set), right, left, NodeFlags.TruncatesFractions | NodeFlags.NegativesAreOutside | missing);
            }
            else
            {
                if (float.IsNaN(Conditions[node]))
                {
                    throw Invalid(node, "a threshold that is NaN");
                }

                builder.Branch(NodeMode.Less, Features[node], Conditions[node], left, right, missingGoesTrue: DefaultLeft[node] != 0);
            }
        }

        return kept;
    }

    // Where each node goes when the deleted ones are left out, -1 for those; the nodes are checked to be a tree on the way.
    private int[] Places(out int[]? kept)
    {
        var places = new int[NodeCount];
        places.AsSpan().Fill(-1);
        var waiting = new Stack<int>();
        waiting.Push(0);
        places[0] = 0;
        while (waiting.TryPop(out var node))
        {
            if (Left[node] < 0)
            {
                if (LeafSize == 1 && Right[node] >= 0)
                {
                    throw Invalid(node, $"a right child {Right[node]} and no left one");
                }
                continue;
            }

            foreach (var child in (ReadOnlySpan<int>)[Left[node], Right[node]])
            {
                if ((uint)child >= (uint)NodeCount)
                {
                    throw Invalid(node, $"child {child} of {NodeCount} nodes");
                }

                if (places[child] >= 0)
                {
                    throw Invalid(node, $"child {child}, which has another parent or is its own ancestor");
                }

                if (Features[child] == DeletedFeature)
                {
                    throw Invalid(node, $"child {child}, which is deleted");
                }

                places[child] = 0;
                waiting.Push(child);
            }
        }

        var numbers = new List<int>();
        for (var node = 0; node < NodeCount; node++)
        {
            if (places[node] < 0)
            {
                if (Features[node] != DeletedFeature)
                {
                    throw Invalid(node, "no parent");
                }
                continue;
            }

            places[node] = numbers.Count;
            numbers.Add(node);
        }

        if (DeletedCount is not null && DeletedCount != NodeCount - numbers.Count)
        {
            throw Invalid($"{NodeCount - numbers.Count} deleted nodes; 'num_deleted' says {DeletedCount}");
        }
        kept = numbers.Count == NodeCount ? null : [.. numbers];
        return places;
    }

    private Dictionary<int, int> Sets()
    {
        var sets = new Dictionary<int, int>();
        for (var set = 0; set < CategoryNodes.Length; set++)
        {
            var node = CategoryNodes[set];
            if ((uint)node >= (uint)NodeCount)
            {
                throw Invalid($"categories of node {node} of {NodeCount}");
            }

            if (!sets.TryAdd(node, set))
            {
                throw Invalid(node, "categories twice");
            }

            if (CategorySegments[set] < 0 || CategorySizes[set] < 0 || (long)CategorySegments[set] + CategorySizes[set] > Categories.Length)
            {
                throw Invalid(node, $"the {CategorySizes[set]} categories from {CategorySegments[set]} on, of {Categories.Length}");
            }
        }

        return sets;
    }

    private ulong[] SetOf(int node, int set)
    {
        var categories = Categories.AsSpan(CategorySegments[set], CategorySizes[set]);
        var last = -1;
        foreach (var category in categories)
        {
            if ((uint)category >= TreeEnsembleBuilder.CategoriesMax)
            {
                throw Invalid(node, $"category {category}; expected 0 to {TreeEnsembleBuilder.CategoriesMax - 1}");
            }

            last = Math.Max(last, category);
        }

        var words = new ulong[(last + 64) / 64];
        foreach (var category in categories)
        {
            words[category / 64] |= 1ul << (category % 64);
        }

        return words;
    }

    private void Fill(LeafWeight[] leaf, int node, int target, float treeWeight)
    {
        for (var i = 0; i < LeafSize; i++)
        {
            var weight = LeafSize == 1 ? Conditions[node] : VectorOf(node)[i];
            if (float.IsNaN(weight))
            {
                throw Invalid(node, "a weight that is NaN");
            }

            leaf[i] = new LeafWeight(LeafSize == 1 ? target : i, weight * treeWeight);
        }
    }

    private ReadOnlySpan<float> VectorOf(int node)
    {
        if (LeafWeights is null)
        {
            return BaseWeights.AsSpan(node * LeafSize, LeafSize);
        }

        var place = Right[node];
        if (place < 0 || (place + 1L) * LeafSize > LeafWeights.Length)
        {
            throw Invalid(node, $"the leaf {place} of {LeafWeights.Length / LeafSize}");
        }
        return LeafWeights.AsSpan(place * LeafSize, LeafSize);
    }

    private void CheckColumn(string name, int length) => Require(length == NodeCount, $"{length} elements in '{name}'; 'num_nodes' says {NodeCount}");

    private void Require(bool condition, string found)
    {
        if (!condition)
        {
            throw Invalid(found);
        }
    }

    private MlpException Invalid(string found) => new(ErrorCodes.ModelInvalid, $"Tree {index} has {found}.");

    private MlpException Invalid(int node, string found) => new(ErrorCodes.ModelInvalid, $"Tree {index}, node {node} has {found}.");
}
