using System.Numerics;
using System.Runtime.CompilerServices;

namespace Mlp.Kernels;

/// <summary>Turns values into ranks (<see cref="ThresholdRanks"/>): all columns of one row, or one column of many.</summary>
internal static unsafe class RankSearch<TCount>
    where TCount : struct, IRankCount
{
    /// <summary>Ranks one row.</summary>
    /// <param name="table">The thresholds.</param>
    /// <param name="row">Its features.</param>
    /// <param name="ranks">One a column.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row<TRank>(ThresholdRanks table, float* row, TRank* ranks)
        where TRank : unmanaged, IBinaryInteger<TRank>
    {
        fixed (int* sources = table.Sources, starts = table.Starts, ends = table.Ends)
        {
            var blocks = table.Tables;
            var levels = table.Levels;
            int columns = table.Columns, plain = table.PlainColumns;
            if (levels == 2)
            {
                for (var c = 0; c < plain; c++)
                {
                    ranks[c] = TRank.CreateTruncating(Two(row[sources[c]], blocks, starts + (2 * c), ends + (2 * c)));
                }
            }
            else
            {
                for (var c = 0; c < plain; c++)
                {
                    ranks[c] = TRank.CreateTruncating(Any(row[sources[c]], blocks, starts + (levels * c), ends + (levels * c), levels));
                }
            }

            for (var c = plain; c < columns; c++)
            {
                ranks[c] = TRank.CreateTruncating(AnyAbove(row[sources[c]], blocks, starts + (levels * c), ends + (levels * c), levels));
            }
        }
    }

    /// <summary>Ranks one column of some rows.</summary>
    /// <param name="table">The thresholds.</param>
    /// <param name="column">Which.</param>
    /// <param name="values">The column's value in the first row.</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="ranks">One a row, at the places that are given.</param>
    /// <param name="places">Where each row's goes.</param>
    /// <param name="count">Rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Column<TRank>(ThresholdRanks table, int column, float* values, nint stride, TRank* ranks, ushort* places, int count)
        where TRank : unmanaged, IBinaryInteger<TRank>
    {
        var levels = table.Levels;
        fixed (int* starts = &table.Starts[column * levels], ends = &table.Ends[column * levels])
        {
            var blocks = table.Tables;
            if (column >= table.PlainColumns)
            {
                for (var r = 0; r < count; r++, values += stride)
                {
                    ranks[places[r]] = TRank.CreateTruncating(AnyAbove(*values, blocks, starts, ends, levels));
                }
            }
            else if (levels == 2)
            {
                for (var r = 0; r < count; r++, values += stride)
                {
                    ranks[places[r]] = TRank.CreateTruncating(Two(*values, blocks, starts, ends));
                }
            }
            else
            {
                for (var r = 0; r < count; r++, values += stride)
                {
                    ranks[places[r]] = TRank.CreateTruncating(Any(*values, blocks, starts, ends, levels));
                }
            }
        }
    }

    // The shape that bytes have, without a loop.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Two(float value, float* blocks, int* starts, int* ends)
    {
        var at = Math.Min(TCount.NotAtMost(value, blocks + starts[0]), ends[0]) * ThresholdRanks.Fan;
        return Math.Min(at + TCount.NotAtMost(value, blocks + starts[1] + at), ends[1]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Any(float value, float* blocks, int* starts, int* ends, int levels)
    {
        var at = 0;
        for (var level = 0; level < levels; level++)
        {
            at *= ThresholdRanks.Fan;
            at = Math.Min(at + TCount.NotAtMost(value, blocks + starts[level] + at), ends[level]);
        }

        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int AnyAbove(float value, float* blocks, int* starts, int* ends, int levels)
    {
        var at = 0;
        for (var level = 0; level < levels; level++)
        {
            at *= ThresholdRanks.Fan;
            at = Math.Min(at + TCount.Above(value, blocks + starts[level] + at), ends[level]);
        }

        return at;
    }
}
