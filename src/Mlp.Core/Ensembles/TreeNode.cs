namespace Mlp.Core;

/// <summary>One node of a <see cref="TreeEnsemble"/>: a question with two children, or a leaf with weights.</summary>
public readonly record struct TreeNode
{
    private readonly int _first;
    private readonly int _second;

    private TreeNode(NodeMode mode, int feature, float threshold, int first, int second, bool missingGoesTrue)
    {
        Mode = mode;
        Feature = feature;
        Threshold = threshold;
        _first = first;
        _second = second;
        MissingGoesTrue = missingGoesTrue;
    }

    /// <summary>The question.</summary>
    public NodeMode Mode { get; }

    /// <summary>Index of the feature asked for.</summary>
    public int Feature { get; }

    /// <summary>What the feature is compared with.</summary>
    public float Threshold { get; }

    /// <summary>Whether NaN counts as yes.</summary>
    public bool MissingGoesTrue { get; }

    /// <summary>Index of the node that follows a yes.</summary>
    public int TrueChild => _first;

    /// <summary>Index of the node that follows a no.</summary>
    public int FalseChild => _second;

    /// <summary>Of a leaf: index of its first weight.</summary>
    public int WeightStart => _first;

    /// <summary>Of a leaf: how many weights it has.</summary>
    public int WeightCount => _second;

    /// <summary>A node with a question.</summary>
    public static TreeNode Branch(NodeMode mode, int feature, float threshold, int trueChild, int falseChild, bool missingGoesTrue) =>
        new(mode, feature, threshold, trueChild, falseChild, missingGoesTrue);

    /// <summary>A leaf.</summary>
    public static TreeNode Leaf(int weightStart, int weightCount) => new(NodeMode.Leaf, 0, 0, weightStart, weightCount, false);
}
