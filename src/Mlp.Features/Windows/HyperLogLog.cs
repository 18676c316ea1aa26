using System.Numerics;

namespace Mlp.Features;

/// <summary>
/// HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007) over 64-bit hashes and with only the registers that are not empty, as Heule,
/// Nunkesser and Hall 2013 have it. Its estimate is Ertl's (2017, algorithm 6), which needs no tables of corrections.
/// </summary>
internal static class HyperLogLog
{
    private const int RankBits = 6;

    /// <summary>A value's register and rank, as one key: register · 64 + rank.</summary>
    public static long Key(long word, int precision)
    {
        var hash = CategoryCode.Mix((ulong)word);
        var rank = BitOperations.LeadingZeroCount((hash << precision) | (1UL << (precision - 1))) + 1;
        return (long)((hash >> (64 - precision)) << RankBits) | (long)rank;
    }

    public static int Register(long key) => (int)(key >> RankBits);

    public static byte RankOf(long key) => (byte)(key & ((1 << RankBits) - 1));

    /// <summary>The first key of a register.</summary>
    public static long FirstOf(long key) => key & ~((1L << RankBits) - 1);

    /// <summary>The number of different values, rounded.</summary>
    public static double Estimate(ReadOnlySpan<byte> registers)
    {
        var precision = BitOperations.Log2((uint)registers.Length);
        double m = registers.Length;
        var highest = 64 - precision;
        Span<int> counts = stackalloc int[66];
        counts.Clear();
        foreach (var rank in registers)
        {
            counts[rank]++;
        }

        var z = m * Tau(1 - (counts[highest + 1] / m));
        for (var rank = highest; rank >= 1; rank--)
        {
            z = 0.5 * (z + counts[rank]);
        }

        z += m * Sigma(counts[0] / m);
        return Math.Round(m * m / (2 * 0.69314718055994530942 * z));
    }

    // Σ x^(2^k) · 2^(k−1), and x: infinite where every register is empty.
    private static double Sigma(double x)
    {
        if (x == 1)
        {
            return double.PositiveInfinity;
        }

        double y = 1, z = x, before;
        do
        {
            x *= x;
            before = z;
            z += x * y;
            y += y;
        }
        while (z != before);
        return z;
    }

    private static double Tau(double x)
    {
        if (x is 0 or 1)
        {
            return 0;
        }

        double y = 1, z = 1 - x, before;
        do
        {
            x = Math.Sqrt(x);
            before = z;
            y *= 0.5;
            z -= (1 - x) * (1 - x) * y;
        }
        while (z != before);
        return z / 3;
    }
}
