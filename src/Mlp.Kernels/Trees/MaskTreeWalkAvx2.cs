using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Mlp.Kernels;

/// <summary><see cref="LeafMasks"/> by 256-bit vectors, 32 rows at once. There is no count of leading zeros by vectors, so leaves are looked up row by row.</summary>
/// <remarks>Few rows, and trees too large for masks, are walked (<see cref="InterleavedTreeWalk"/>), with the same bits.</remarks>
public sealed class MaskTreeWalkAvx2 : ITreeWalk
{
    private const int Lanes = 8;
    private const int BlockRows = 4 * Lanes;

    // Below this the walk of the rows is faster than a block that is mostly empty.
    private const int RowsMin = 12;

    // Entries a tree, on average, up to which asking every node takes less than walking.
    private const int EntriesPerTreeMax = 160;

    private static readonly InterleavedTreeWalk Walk = new();

    /// <summary>Whether this processor has what it takes.</summary>
    public static bool IsSupported => Vector256.IsHardwareAccelerated && Avx2.IsSupported;

    /// <inheritdoc/>
    public string Name => "masks-avx2";

    /// <inheritdoc/>
    public int BlockRowsMin => 1;

    /// <inheritdoc/>
    public bool Prepare(PackedTrees trees)
    {
        ArgumentNullException.ThrowIfNull(trees);
        return trees.Masks is not null;
    }

    /// <inheritdoc/>
    public long Bytes(PackedTrees trees)
    {
        ArgumentNullException.ThrowIfNull(trees);
        return trees.Masks?.Bytes ?? 0;
    }

    /// <inheritdoc/>
    public void Sum(PackedTrees trees, ReadOnlySpan<float> rows, Span<float> sums)
    {
        ArgumentNullException.ThrowIfNull(trees);
        TreeWalks.CheckLengths(trees, rows, sums);
        var width = trees.RowLength;
        var done = 0;
        if (trees.Masks is { } masks && masks.Columns.Length <= (long)EntriesPerTreeMax * masks.TreeEnds.Length)
        {
            done = SumBlocks(masks, rows, width, sums);
        }

        Walk.Sum(trees, rows[(done * width)..], sums[done..]);
    }

    [SkipLocalsInit]
    private static int SumBlocks(LeafMasks masks, ReadOnlySpan<float> rows, int width, Span<float> sums)
    {
        Span<float> columns = stackalloc float[masks.Sources.Length * BlockRows];
        Span<float> block = stackalloc float[BlockRows];
        var done = 0;
        while (sums.Length - done >= RowsMin)
        {
            var count = Math.Min(BlockRows, sums.Length - done);
            ColumnBlock.Fill(masks.Sources, rows.Slice(done * width, count * width), width, columns, BlockRows);
            sums.Slice(done, count).CopyTo(block);
            SumBlock(masks, columns, block);
            block[..count].CopyTo(sums[done..]);
            done += count;
        }

        return done;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumBlock(LeafMasks masks, ReadOnlySpan<float> columns, Span<float> sums)
    {
        ref var x = ref MemoryMarshal.GetReference(columns);
        ref var column = ref MemoryMarshal.GetArrayDataReference(masks.Columns);
        ref var threshold = ref MemoryMarshal.GetArrayDataReference(masks.Thresholds);
        ref var mask = ref MemoryMarshal.GetArrayDataReference(masks.Masks);
        Span<uint> left = stackalloc uint[BlockRows];
        Span<float> leaf = stackalloc float[BlockRows];
        var word = 0;
        foreach (var end in masks.TreeEnds)
        {
            for (; word < end; word++)
            {
                Vector256<uint> a0 = Vector256<uint>.AllBitsSet, a1 = a0, a2 = a0, a3 = a0;
                var last = masks.WordStarts[word] + masks.WordCounts[word];
                for (var e = masks.WordStarts[word]; e < last; e++)
                {
                    var m = Vector256.Create(Unsafe.Add(ref mask, e));
                    var t = Vector256.Create(Unsafe.Add(ref threshold, e));
                    ref var values = ref Unsafe.Add(ref x, Unsafe.Add(ref column, e) * BlockRows);
                    a0 &= m | Vector256.LessThanOrEqual(Vector256.LoadUnsafe(ref values), t).AsUInt32();
                    a1 &= m | Vector256.LessThanOrEqual(Vector256.LoadUnsafe(ref values, Lanes), t).AsUInt32();
                    a2 &= m | Vector256.LessThanOrEqual(Vector256.LoadUnsafe(ref values, 2 * Lanes), t).AsUInt32();
                    a3 &= m | Vector256.LessThanOrEqual(Vector256.LoadUnsafe(ref values, 3 * Lanes), t).AsUInt32();
                }

                a0.CopyTo(left);
                a1.CopyTo(left[Lanes..]);
                a2.CopyTo(left[(2 * Lanes)..]);
                a3.CopyTo(left[(3 * Lanes)..]);
                var leaves = masks.Leaves.AsSpan(word * LeafMasks.WordLeaves, LeafMasks.WordLeaves);
                for (var r = 0; r < BlockRows; r++)
                {
                    // 32 zeros mean that another word of the tree has the leaf; 31 keeps the index inside without a jump.
                    var value = leaves[BitOperations.LeadingZeroCount(left[r] | 1)];
                    leaf[r] = left[r] != 0 ? value : leaf[r];
                }
            }

            for (var r = 0; r < BlockRows; r++)
            {
                sums[r] += leaf[r];
            }
        }
    }
}
