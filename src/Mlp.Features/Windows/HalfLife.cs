using System.Collections.Concurrent;

namespace Mlp.Features;

/// <summary>
/// Weights of an exponential decay as integers: 2^(phase / tiles) · 2^30, where the phase is how far a tile stands in its half-life.
/// A weight then is one of them times a power of two that all tiles of a half-life share, so that weighted sums are exact.
/// </summary>
internal static class HalfLife
{
    private const int Fraction = 62;
    private const int Weight = 30;
    private const int RootsMax = 44;
    private static readonly ulong[] Roots = RootsOfTwo();
    private static readonly ConcurrentDictionary<int, uint[]> Tables = new();

    /// <summary>The weights of a half-life of so many tiles, by phase.</summary>
    public static uint[] Weights(int tiles) => Tables.GetOrAdd(tiles, static count =>
    {
        var weights = new uint[count];
        for (var phase = 0; phase < count; phase++)
        {
            weights[phase] = (uint)((Power(((UInt128)(uint)phase << 64) / (uint)count) + (1UL << (Fraction - Weight - 1))) >> (Fraction - Weight));
        }

        return weights;
    });

    // Two to the power of a fraction of 64 bits: the product of 2^(1/2), 2^(1/4), … for its bits. Integers alone, so that it is the same everywhere.
    private static ulong Power(UInt128 fraction)
    {
        var power = 1UL << Fraction;
        for (var i = 0; i < Roots.Length; i++)
        {
            if (((ulong)fraction >> (63 - i) & 1) != 0)
            {
                power = (ulong)(((UInt128)power * Roots[i]) >> Fraction);
            }
        }

        return power;
    }

    private static ulong[] RootsOfTwo()
    {
        var roots = new ulong[RootsMax];
        var root = 1UL << (Fraction + 1);
        for (var i = 0; i < roots.Length; i++)
        {
            root = SquareRoot((UInt128)root << Fraction);
            roots[i] = root;
        }

        return roots;
    }

    private static ulong SquareRoot(UInt128 square)
    {
        ulong root = 0;
        for (var bit = 63; bit >= 0; bit--)
        {
            var trial = root | (1UL << bit);
            root = (UInt128)trial * trial <= square ? trial : root;
        }

        return root;
    }
}
