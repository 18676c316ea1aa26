namespace Mlp.Kernels;

/// <summary>The reference: one row, one tree, one node after another. Kept simple for ever; every other walk is tested against it.</summary>
public sealed class ScalarTreeWalk : ITreeWalk
{
    /// <inheritdoc/>
    public string Name => "scalar";

    /// <inheritdoc/>
    public void Prepare(PackedTrees trees)
    {
        // The nodes are walked as they are.
    }

    /// <inheritdoc/>
    public void Sum(PackedTrees trees, ReadOnlySpan<float> rows, Span<float> sums)
    {
        ArgumentNullException.ThrowIfNull(trees);
        TreeWalks.CheckLengths(trees, rows, sums);
        var nodes = trees.Nodes;
        for (var r = 0; r < sums.Length; r++)
        {
            var row = rows.Slice(r * trees.FeatureCount, trees.FeatureCount);
            var sum = 0f;
            foreach (var root in trees.Roots)
            {
                var i = root;
                while (nodes[i].Child != i)
                {
                    var x = row[nodes[i].Feature & ~PackedNode.MissingGoesTrue];
                    var yes = float.IsNaN(x) ? nodes[i].Feature < 0 : x <= nodes[i].Threshold;
                    i = nodes[i].Child + (yes ? 0 : 1);
                }

                sum += nodes[i].Value;
            }

            sums[r] = sum;
        }
    }
}
