using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Mlp.Kernels;

/// <summary>
/// As <see cref="SliceKernelAvx512"/>, with the leaves by permutes of bytes: the slices of 64 rows are one vector, a permute and a
/// product of bit matrices (GF2P8AFFINEQB by the unit vectors is a transposition) make 64 leaf numbers of it, and each of the four
/// bytes of a value is looked up 64 times at once.
/// </summary>
internal readonly unsafe struct SliceKernelVbmi : ISliceKernel
{
    private const int Table = AlignedBlock.Line;

    /// <inheritdoc/>
    // Unpacking bytes to floats works within quarters of a vector, so four neighbours in a quarter are four neighbours in one of the four results.
    public static int PlaceOf(int row) => (row & 3) | ((row & 0b110000) >> 2) | ((row & 0b1100) << 2);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Ask(byte* ranks, byte key) => SliceKernelAvx512.Ask(ranks, key);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Ask(ushort* ranks, ushort key) => SliceKernelAvx512.Ask(ranks, key);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddLeaves(SlicedTrees trees, int tree, ulong* lines, int words, float* sums)
    {
        fixed (ushort* outputs = &trees.Outputs[tree * SlicedTrees.Slices])
        {
            var planes = trees.LeafPlanes.Start + (sizeof(float) * (long)trees.LeafStarts[tree]);
            var leaves = trees.LeafStarts[tree + 1] - trees.LeafStarts[tree];
            ulong* s0 = lines + (outputs[0] * words), s1 = lines + (outputs[1] * words), s2 = lines + (outputs[2] * words), s3 = lines + (outputs[3] * words);
            ulong* s4 = lines + (outputs[4] * words), s5 = lines + (outputs[5] * words), s6 = lines + (outputs[6] * words), s7 = lines + (outputs[7] * words);

            // Byte b of the square of group g, counted from the top as the product wants it, is byte g of slice b.
            var turn = Vector512.Create(
                0x0008101820283038UL, 0x0109111921293139UL, 0x020A121A222A323AUL, 0x030B131B232B333BUL,
                0x040C141C242C343CUL, 0x050D151D252D353DUL, 0x060E161E262E363EUL, 0x070F171F272F373FUL).AsByte();
            var units = Vector512.Create(0x8040201008040201UL).AsByte();
            for (var w = 0; w < words; w++, sums += 64)
            {
                var slices = Vector512.Create(s0[w], s1[w], s2[w], s3[w], s4[w], s5[w], s6[w], s7[w]).AsByte();
                var leaf = Gfni.V512.GaloisFieldAffineTransform(units, Avx512Vbmi.PermuteVar64x8(slices, turn), 0);
                Vector512<byte> b0, b1, b2, b3;
                if (leaves == Table)
                {
                    b0 = Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(planes), leaf);
                    b1 = Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(planes + Table), leaf);
                    b2 = Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(planes + (2 * Table)), leaf);
                    b3 = Avx512Vbmi.PermuteVar64x8(Vector512.LoadAligned(planes + (3 * Table)), leaf);
                }
                else
                {
                    b0 = LookUp(planes, leaf, leaves);
                    b1 = LookUp(planes + leaves, leaf, leaves);
                    b2 = LookUp(planes + (2 * leaves), leaf, leaves);
                    b3 = LookUp(planes + (3 * leaves), leaf, leaves);
                }

                Vector512<ushort> low01 = Avx512BW.UnpackLow(b0, b1).AsUInt16(), high01 = Avx512BW.UnpackHigh(b0, b1).AsUInt16();
                Vector512<ushort> low23 = Avx512BW.UnpackLow(b2, b3).AsUInt16(), high23 = Avx512BW.UnpackHigh(b2, b3).AsUInt16();
                (Vector512.LoadAligned(sums) + Avx512BW.UnpackLow(low01, low23).AsSingle()).StoreAligned(sums);
                (Vector512.LoadAligned(sums + 16) + Avx512BW.UnpackHigh(low01, low23).AsSingle()).StoreAligned(sums + 16);
                (Vector512.LoadAligned(sums + 32) + Avx512BW.UnpackLow(high01, high23).AsSingle()).StoreAligned(sums + 32);
                (Vector512.LoadAligned(sums + 48) + Avx512BW.UnpackHigh(high01, high23).AsSingle()).StoreAligned(sums + 48);
            }
        }
    }

    // 128 or 256 values: a permute reads from two vectors, and the number's highest bit picks one of two permutes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> LookUp(byte* plane, Vector512<byte> leaf, int leaves)
    {
        var low = Avx512Vbmi.PermuteVar64x8x2(Vector512.LoadAligned(plane), leaf, Vector512.LoadAligned(plane + Table));
        if (leaves == 2 * Table)
        {
            return low;
        }

        var high = Avx512Vbmi.PermuteVar64x8x2(Vector512.LoadAligned(plane + (2 * Table)), leaf, Vector512.LoadAligned(plane + (leaves - Table)));
        return Vector512.ConditionalSelect(Vector512.LessThan(leaf.AsSByte(), Vector512<sbyte>.Zero).AsByte(), high, low);
    }
}
