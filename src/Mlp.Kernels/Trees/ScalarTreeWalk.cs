namespace Mlp.Kernels;

/// <summary>The reference: one row, one tree, one node after another. Kept simple for ever; every other walk is tested against it.</summary>
public sealed class ScalarTreeWalk : ITreeWalk
{
    /// <inheritdoc/>
    public string Name => "scalar";

    /// <inheritdoc/>
    public int BlockRowsMin => 1;

    /// <inheritdoc/>
    public bool Prepare(PackedTrees trees) => true;

    /// <inheritdoc/>
    public long Bytes(PackedTrees trees)
    {
        ArgumentNullException.ThrowIfNull(trees);
        return trees.NodeBytes;
    }

    /// <inheritdoc/>
    public void Sum(PackedTrees trees, ReadOnlySpan<float> rows, Span<float> sums)
    {
        ArgumentNullException.ThrowIfNull(trees);
        var count = TreeWalks.CheckLengths(trees, rows, sums);
        for (var r = 0; r < count; r++)
        {
            var row = rows.Slice(r * trees.RowLength, trees.RowLength);
            for (var t = 0; t < trees.Roots.Length; t++)
            {
                sums[(r * trees.TargetCount) + trees.Targets[t]] += trees.Nodes[Leaf(trees, t, row)].Value;
            }
        }
    }

    /// <summary>The leaf that a row reaches in a tree, as an index into <see cref="PackedTrees.Nodes"/>.</summary>
    /// <param name="trees">The trees.</param>
    /// <param name="tree">Which.</param>
    /// <param name="row">One row.</param>
    public static int Leaf(PackedTrees trees, int tree, ReadOnlySpan<float> row)
    {
        ArgumentNullException.ThrowIfNull(trees);
        var nodes = trees.Nodes;
        var i = trees.Roots[tree];
        while (nodes[i].Child != i)
        {
            var x = row[nodes[i].Feature & ~PackedNode.MissingGoesTrue];
            var yes = float.IsNaN(x) ? nodes[i].Feature < 0 : x <= nodes[i].Threshold;
            i = nodes[i].Child + (yes ? 0 : 1);
        }

        return i;
    }
}
