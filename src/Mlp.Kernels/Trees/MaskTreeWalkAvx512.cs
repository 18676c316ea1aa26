using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Mlp.Kernels;

/// <summary>
/// <see cref="LeafMasks"/> by AVX-512, 64 rows at once: a question of a node is one comparison and one masked AND for 16 rows, the
/// leaf one count of leading zeros and one permute of the word's 32 values. Few rows are taken 16 at once; a lone row turns
/// the matter sideways: 16 nodes at once, the row's columns being permuted to them.
/// </summary>
/// <remarks>What a tree is too large for is walked (<see cref="InterleavedTreeWalk"/>), with the same bits: sums are made tree by tree everywhere.</remarks>
public sealed class MaskTreeWalkAvx512 : ITreeWalk
{
    private const int Lanes = 16;
    private const int BlockRows = 4 * Lanes;

    // Two vectors, which one permute reads from.
    private const int LoneColumnsMax = 2 * Lanes;

    // Entries a tree, on average, up to which asking every node for one row takes less than walking eight trees at once.
    private const int LoneEntriesPerTreeMax = 80;

    private static readonly InterleavedTreeWalk Walk = new();

    /// <summary>Whether this processor has what it takes.</summary>
    public static bool IsSupported => Vector512.IsHardwareAccelerated && Avx512F.IsSupported && Avx512CD.IsSupported;

    /// <inheritdoc/>
    public string Name => "masks-avx512";

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
        if (trees.Masks is { } masks)
        {
            Sum(trees, masks, rows, sums);
        }
        else
        {
            Walk.Sum(trees, rows, sums);
        }
    }

    [SkipLocalsInit]
    private static void Sum(PackedTrees trees, LeafMasks masks, ReadOnlySpan<float> rows, Span<float> sums)
    {
        var width = trees.RowLength;
        Span<float> columns = stackalloc float[Math.Max(LoneColumnsMax, masks.Sources.Length * LengthFor(sums.Length))];
        Span<float> block = stackalloc float[BlockRows];
        for (var done = 0; done < sums.Length;)
        {
            var left = sums.Length - done;
            if (left == 1)
            {
                SumLone(trees, masks, rows[(done * width)..], columns, sums[done..]);
                return;
            }

            var length = LengthFor(left);
            var count = Math.Min(length, left);
            ColumnBlock.Fill(masks.Sources, rows.Slice(done * width, count * width), width, columns, length);
            sums.Slice(done, count).CopyTo(block);
            if (length == BlockRows)
            {
                SumBlock(masks, columns, block);
            }
            else
            {
                SumVector(masks, columns, block);
            }

            block[..count].CopyTo(sums[done..]);
            done += count;
        }
    }

    // A block of 64 takes less than three of 16.
    private static int LengthFor(int rows) => rows > 2 * Lanes ? BlockRows : Lanes;

    private static void SumLone(PackedTrees trees, LeafMasks masks, ReadOnlySpan<float> row, Span<float> columns, Span<float> sum)
    {
        if (masks.Columns.Length > (long)LoneEntriesPerTreeMax * masks.TreeEnds.Length || masks.Sources.Length > LoneColumnsMax)
        {
            Walk.Sum(trees, row, sum);
            return;
        }

        columns = columns[..LoneColumnsMax];
        ColumnBlock.Fill(masks.Sources, row, row.Length, columns[..masks.Sources.Length], 1);
        sum[0] = SumRow(masks, columns, sum[0]);
    }

    // The four accumulators of a word, and of a tree, are named one by one: they have to live in registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumBlock(LeafMasks masks, ReadOnlySpan<float> columns, Span<float> sums)
    {
        ref var x = ref MemoryMarshal.GetReference(columns);
        ref var column = ref MemoryMarshal.GetArrayDataReference(masks.Columns);
        ref var threshold = ref MemoryMarshal.GetArrayDataReference(masks.Thresholds);
        ref var mask = ref MemoryMarshal.GetArrayDataReference(masks.Masks);
        ref var leaves = ref MemoryMarshal.GetArrayDataReference(masks.Leaves);
        var s0 = Vector512.Create(sums[..Lanes]);
        var s1 = Vector512.Create(sums.Slice(Lanes, Lanes));
        var s2 = Vector512.Create(sums.Slice(2 * Lanes, Lanes));
        var s3 = Vector512.Create(sums.Slice(3 * Lanes, Lanes));
        var word = 0;
        foreach (var end in masks.TreeEnds)
        {
            Vector512<float> r0 = default, r1 = default, r2 = default, r3 = default;
            for (; word < end; word++)
            {
                Vector512<uint> a0 = Vector512<uint>.AllBitsSet, a1 = a0, a2 = a0, a3 = a0;
                var last = masks.WordStarts[word] + masks.WordCounts[word];
                for (var e = masks.WordStarts[word]; e < last; e++)
                {
                    var m = Vector512.Create(Unsafe.Add(ref mask, e));
                    var t = Vector512.Create(Unsafe.Add(ref threshold, e));
                    ref var values = ref Unsafe.Add(ref x, Unsafe.Add(ref column, e) * BlockRows);
                    a0 = Strike(a0, m, Vector512.LoadUnsafe(ref values), t);
                    a1 = Strike(a1, m, Vector512.LoadUnsafe(ref values, Lanes), t);
                    a2 = Strike(a2, m, Vector512.LoadUnsafe(ref values, 2 * Lanes), t);
                    a3 = Strike(a3, m, Vector512.LoadUnsafe(ref values, 3 * Lanes), t);
                }

                var low = Vector512.LoadUnsafe(ref leaves, (nuint)(word * LeafMasks.WordLeaves));
                var high = Vector512.LoadUnsafe(ref leaves, (nuint)((word * LeafMasks.WordLeaves) + Lanes));
                r0 = Leaf(a0, low, high, r0);
                r1 = Leaf(a1, low, high, r1);
                r2 = Leaf(a2, low, high, r2);
                r3 = Leaf(a3, low, high, r3);
            }

            s0 += r0;
            s1 += r1;
            s2 += r2;
            s3 += r3;
        }

        s0.CopyTo(sums);
        s1.CopyTo(sums[Lanes..]);
        s2.CopyTo(sums[(2 * Lanes)..]);
        s3.CopyTo(sums[(3 * Lanes)..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumVector(LeafMasks masks, ReadOnlySpan<float> columns, Span<float> sums)
    {
        ref var x = ref MemoryMarshal.GetReference(columns);
        ref var column = ref MemoryMarshal.GetArrayDataReference(masks.Columns);
        ref var threshold = ref MemoryMarshal.GetArrayDataReference(masks.Thresholds);
        ref var mask = ref MemoryMarshal.GetArrayDataReference(masks.Masks);
        ref var leaves = ref MemoryMarshal.GetArrayDataReference(masks.Leaves);
        var sum = Vector512.Create(sums[..Lanes]);
        var word = 0;
        foreach (var end in masks.TreeEnds)
        {
            Vector512<float> result = default;
            for (; word < end; word++)
            {
                var left = Vector512<uint>.AllBitsSet;
                var last = masks.WordStarts[word] + masks.WordCounts[word];
                for (var e = masks.WordStarts[word]; e < last; e++)
                {
                    ref var values = ref Unsafe.Add(ref x, Unsafe.Add(ref column, e) * Lanes);
                    left = Strike(left, Vector512.Create(Unsafe.Add(ref mask, e)), Vector512.LoadUnsafe(ref values), Vector512.Create(Unsafe.Add(ref threshold, e)));
                }

                var low = Vector512.LoadUnsafe(ref leaves, (nuint)(word * LeafMasks.WordLeaves));
                var high = Vector512.LoadUnsafe(ref leaves, (nuint)((word * LeafMasks.WordLeaves) + Lanes));
                result = Leaf(left, low, high, result);
            }

            sum += result;
        }

        sum.CopyTo(sums);
    }

    // A tree of several words takes the leaf of its last word that has one, without a jump that could be guessed wrong.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float SumRow(LeafMasks masks, ReadOnlySpan<float> columns, float sum)
    {
        ref var column = ref MemoryMarshal.GetArrayDataReference(masks.Columns);
        ref var threshold = ref MemoryMarshal.GetArrayDataReference(masks.Thresholds);
        ref var mask = ref MemoryMarshal.GetArrayDataReference(masks.Masks);
        ref var leaves = ref MemoryMarshal.GetArrayDataReference(masks.Leaves);
        var low = Vector512.Create(columns[..Lanes]);
        var high = Vector512.Create(columns.Slice(Lanes, Lanes));
        var word = 0;
        foreach (var end in masks.TreeEnds)
        {
            var leaf = 0;
            for (; word < end; word++)
            {
                var left = Vector512<uint>.AllBitsSet;
                var last = masks.WordStarts[word] + masks.WordCounts[word];
                for (var e = masks.WordStarts[word]; e < last; e += Lanes)
                {
                    var values = Avx512F.PermuteVar16x32x2(low, Vector512.LoadUnsafe(ref column, (nuint)e), high);
                    left = Strike(left, Vector512.LoadUnsafe(ref mask, (nuint)e), values, Vector512.LoadUnsafe(ref threshold, (nuint)e));
                }

                var half = left.GetLower() & left.GetUpper();
                var quarter = (half.GetLower() & half.GetUpper()).AsUInt64();
                var pair = quarter[0] & quarter[1];
                var bits = (uint)pair & (uint)(pair >> 32);
                var here = (word * LeafMasks.WordLeaves) + BitOperations.LeadingZeroCount(bits);

                // All ones where this word has a leaf: no jump.
                var has = (int)(bits | (uint)-(int)bits) >> 31;
                leaf = (here & has) | (leaf & ~has);
            }

            sum += Unsafe.Add(ref leaves, leaf);
        }

        return sum;
    }

    // Strikes out where the answer is no: greater, or NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Strike(Vector512<uint> left, Vector512<uint> mask, Vector512<float> values, Vector512<float> threshold) =>
        Vector512.ConditionalSelect(Avx512F.CompareNotLessThanOrEqual(values, threshold).AsUInt32(), left & mask, left);

    // The leftmost leaf that is left over; where none is, another word of the tree has it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Leaf(Vector512<uint> left, Vector512<float> low, Vector512<float> high, Vector512<float> otherwise)
    {
        var value = Avx512F.PermuteVar16x32x2(low, Avx512CD.LeadingZeroCount(left).AsInt32(), high);
        return Vector512.ConditionalSelect(Vector512.Equals(left, Vector512<uint>.Zero).AsSingle(), otherwise, value);
    }
}
