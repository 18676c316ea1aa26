using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mlp.Kernels;

/// <summary>From slices of leaf numbers to sums, by the integer unit: eight slices of eight rows are a square of bits, which is turned to eight numbers.</summary>
internal static unsafe class SliceLeaves
{
    private const int Rows = 8;

    /// <summary>Adds each row's leaf to its sum; rows lie in their order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(SlicedTrees trees, int tree, ulong* lines, int words, float* sums)
    {
        var leaves = trees.Leaves.AsSpan(trees.LeafStarts[tree]);
        ref var leaf = ref MemoryMarshal.GetReference(leaves);
        var outputs = trees.Outputs.AsSpan(tree * SlicedTrees.Slices, SlicedTrees.Slices);
        Span<nint> slices = stackalloc nint[SlicedTrees.Slices];
        var count = 0;
        for (var b = 0; b < SlicedTrees.Slices; b++)
        {
            slices[b] = outputs[b] * words * sizeof(ulong);
            count = outputs[b] == SlicedTrees.Zeros ? count : b + 1;
        }

        var bytes = (byte*)lines;
        for (var group = 0; group < words * Rows; group++, sums += Rows)
        {
            var square = 0UL;
            for (var b = 0; b < count; b++)
            {
                square |= (ulong)bytes[slices[b] + group] << (Rows * b);
            }

            square = Turn(square);
            for (var r = 0; r < Rows; r++, square >>= Rows)
            {
                sums[r] += Unsafe.Add(ref leaf, (byte)square);
            }
        }
    }

    /// <summary>Bit r of byte b becomes bit b of byte r: squares of 1, of 2 and of 4 bits change places over the diagonal.</summary>
    public static ulong Turn(ulong square)
    {
        var t = (square ^ (square >> 7)) & 0x00AA00AA00AA00AA;
        square ^= t ^ (t << 7);
        t = (square ^ (square >> 14)) & 0x0000CCCC0000CCCC;
        square ^= t ^ (t << 14);
        t = (square ^ (square >> 28)) & 0x00000000F0F0F0F0;
        return square ^ t ^ (t << 28);
    }
}
