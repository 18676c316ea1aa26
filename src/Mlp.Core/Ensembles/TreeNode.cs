namespace Mlp.Core;

/// <summary>One node of a <see cref="TreeEnsemble"/>: a question with two children, or a leaf with weights.</summary>
public readonly record struct TreeNode
{
    private readonly int _first;
    private readonly int _second;

    private TreeNode(NodeMode mode, NodeFlags flags, int feature, double threshold, int first, int second, int index)
    {
        Mode = mode;
        Flags = flags;
        Feature = feature;
        Threshold = threshold;
        _first = first;
        _second = second;
        Index = index;
    }

    /// <summary>The question.</summary>
    public NodeMode Mode { get; }

    /// <summary>What becomes of values that the question alone does not settle.</summary>
    public NodeFlags Flags { get; }

    /// <summary>Index of the feature asked for.</summary>
    public int Feature { get; }

    /// <summary>What the feature is compared with; one that is a float where the ensemble's input is float32. 0 for a set.</summary>
    public double Threshold { get; }

    /// <summary>Whether NaN counts as yes.</summary>
    public bool MissingGoesTrue => (Flags & NodeFlags.MissingGoesTrue) != 0;

    /// <summary>Whether a zero goes the way of NaN.</summary>
    public bool ZeroIsMissing => (Flags & NodeFlags.ZeroIsMissing) != 0;

    /// <summary>Index of the node that follows a yes.</summary>
    public int TrueChild => _first;

    /// <summary>Index of the node that follows a no.</summary>
    public int FalseChild => _second;

    /// <summary>Of a leaf: index of its first weight.</summary>
    public int WeightStart => _first;

    /// <summary>Of a leaf: how many weights it has.</summary>
    public int WeightCount => _second;

    /// <summary>Of a leaf: whether it holds a linear model.</summary>
    public bool IsLinear => Mode == NodeMode.Leaf && Index >= 0;

    /// <summary>Of a set or a linear model: which one it is; else -1.</summary>
    internal int Index { get; }

    internal static TreeNode Branch(NodeMode mode, NodeFlags flags, int feature, double threshold, int trueChild, int falseChild, int set = -1) =>
        new(mode, flags, feature, threshold, trueChild, falseChild, set);

    internal static TreeNode Leaf(int weightStart, int weightCount, int linear = -1) => new(NodeMode.Leaf, NodeFlags.None, 0, 0, weightStart, weightCount, linear);
}
