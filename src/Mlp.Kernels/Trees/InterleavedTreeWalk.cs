using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Mlp.Kernels;

/// <summary>
/// Eight walks at once without a branch. A single walk waits for memory at each node: its next address depends on the
/// comparison before. Eight independent ones fill that time. For many rows they are eight rows in one tree, taken in blocks so
/// that a tree's nodes stay in the first-level cache; for few rows, eight trees of one row. A walk that has reached its leaf
/// turns in place until the slowest of the eight is there.
/// </summary>
public sealed class InterleavedTreeWalk : ITreeWalk
{
    private const int Lanes = 8;
    private const int BlockRows = 128;

    /// <inheritdoc/>
    public string Name => "interleaved";

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
        ref readonly var nodes = ref MemoryMarshal.GetReference(trees.Nodes);
        ref readonly var data = ref MemoryMarshal.GetReference(rows);
        int stride = trees.RowLength, targets = trees.TargetCount;
        Span<int> at = stackalloc int[Lanes];
        Span<int> offsets = stackalloc int[Lanes];
        var whole = count - (count % Lanes);
        for (var block = 0; block < whole; block += BlockRows)
        {
            var end = Math.Min(block + BlockRows, whole);
            for (var t = 0; t < trees.Roots.Length; t++)
            {
                for (var r = block; r < end; r += Lanes)
                {
                    WalkRows(trees, t, in data, r * stride, at, offsets);
                    for (var lane = 0; lane < Lanes; lane++)
                    {
                        sums[((r + lane) * targets) + trees.Targets[t]] += Unsafe.Add(ref Unsafe.AsRef(in nodes), at[lane]).Value;
                    }
                }
            }
        }

        for (var r = whole; r < count; r++)
        {
            for (var t = 0; t < trees.Roots.Length; t += Lanes)
            {
                var lanes = WalkTrees(trees, t, in data, r * stride, at, offsets);
                for (var lane = 0; lane < lanes; lane++)
                {
                    sums[(r * targets) + trees.Targets[t + lane]] += Unsafe.Add(ref Unsafe.AsRef(in nodes), at[lane]).Value;
                }
            }
        }
    }

    /// <summary>The leaf that each row reaches in each tree.</summary>
    /// <param name="trees">The trees.</param>
    /// <param name="rows">Row-major, <see cref="PackedTrees.RowLength"/> a row.</param>
    /// <param name="leaves">Row-major, one a tree: an index into <see cref="PackedTrees.Nodes"/>.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public static void Leaves(PackedTrees trees, ReadOnlySpan<float> rows, Span<int> leaves)
    {
        ArgumentNullException.ThrowIfNull(trees);
        var count = rows.Length / trees.RowLength;
        if (rows.Length != (long)count * trees.RowLength || leaves.Length != (long)count * trees.Roots.Length)
        {
            throw new ArgumentException($"{rows.Length} elements of rows of {trees.RowLength} and {trees.Roots.Length} trees do not fit {leaves.Length} leaves.", nameof(leaves));
        }

        ref readonly var data = ref MemoryMarshal.GetReference(rows);
        Span<int> at = stackalloc int[Lanes];
        Span<int> offsets = stackalloc int[Lanes];
        for (var r = 0; r < count; r++)
        {
            for (var t = 0; t < trees.Roots.Length; t += Lanes)
            {
                var lanes = WalkTrees(trees, t, in data, r * trees.RowLength, at, offsets);
                at[..lanes].CopyTo(leaves[((r * trees.Roots.Length) + t)..]);
            }
        }
    }

    // Eight rows down one tree.
    private static void WalkRows(PackedTrees trees, int tree, ref readonly float data, int offset, Span<int> at, Span<int> offsets)
    {
        at.Fill(trees.Roots[tree]);
        for (var lane = 0; lane < Lanes; lane++)
        {
            offsets[lane] = offset + (lane * trees.RowLength);
        }

        Walk(in MemoryMarshal.GetReference(trees.Nodes), in data, at, offsets);
    }

    // One row down eight trees, or as many as there are. Lanes without a tree repeat the last one; their leaf is not counted.
    private static int WalkTrees(PackedTrees trees, int tree, ref readonly float data, int offset, Span<int> at, Span<int> offsets)
    {
        var lanes = Math.Min(Lanes, trees.Roots.Length - tree);
        trees.Roots.Slice(tree, lanes).CopyTo(at);
        at[lanes..].Fill(trees.Roots[^1]);
        offsets.Fill(offset);
        Walk(in MemoryMarshal.GetReference(trees.Nodes), in data, at, offsets);
        return lanes;
    }

    // Compiled in full from its first call on: a program that has just started, or loads code all the time, would otherwise run the
    // first, slow version for long.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Walk(ref readonly PackedNode nodes, ref readonly float data, Span<int> at, Span<int> offsets)
    {
        // Locals, not the spans: the eight indices and the eight offsets have to live in registers.
        int i0 = at[0], i1 = at[1], i2 = at[2], i3 = at[3], i4 = at[4], i5 = at[5], i6 = at[6], i7 = at[7];
        int o0 = offsets[0], o1 = offsets[1], o2 = offsets[2], o3 = offsets[3], o4 = offsets[4], o5 = offsets[5], o6 = offsets[6], o7 = offsets[7];
        int moved;
        do
        {
            int n0 = Step(in nodes, in data, i0, o0), n1 = Step(in nodes, in data, i1, o1);
            int n2 = Step(in nodes, in data, i2, o2), n3 = Step(in nodes, in data, i3, o3);
            int n4 = Step(in nodes, in data, i4, o4), n5 = Step(in nodes, in data, i5, o5);
            int n6 = Step(in nodes, in data, i6, o6), n7 = Step(in nodes, in data, i7, o7);
            moved = (n0 ^ i0) | (n1 ^ i1) | (n2 ^ i2) | (n3 ^ i3) | (n4 ^ i4) | (n5 ^ i5) | (n6 ^ i6) | (n7 ^ i7);
            (i0, i1, i2, i3, i4, i5, i6, i7) = (n0, n1, n2, n3, n4, n5, n6, n7);
        }
        while (moved != 0);
        (at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7]) = (i0, i1, i2, i3, i4, i5, i6, i7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Step(ref readonly PackedNode nodes, ref readonly float data, int index, int offset)
    {
        ref var node = ref Unsafe.Add(ref Unsafe.AsRef(in nodes), index);
        var x = Unsafe.Add(ref Unsafe.AsRef(in data), offset + (node.Feature & ~PackedNode.MissingGoesTrue));

        // All bits set or none, never a jump: the compiler turns bool into one when it likes, and a walk that guesses its way costs
        // three times as much. x <= t is no for NaN; where the node's flag says that a missing value goes true, NaN counts as yes.
        var value = Vector128.CreateScalarUnsafe(x);
        var yes = Vector128.LessThanOrEqual(value, Vector128.CreateScalarUnsafe(node.Threshold)).AsInt32().ToScalar();
        var missing = ~Vector128.Equals(value, value).AsInt32().ToScalar();
        return node.Child + 1 + (yes | (missing & (node.Feature >> 31)));
    }
}
