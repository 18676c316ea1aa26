using System.Numerics;
using System.Runtime.CompilerServices;

namespace Mlp.Kernels;

/// <summary>A block of rows down <see cref="SlicedTrees"/>: rank the columns, answer each question once, run each tree's program, look up its leaves.</summary>
internal static unsafe class SlicedWalk<TBits, TKernel, TCount>
    where TBits : struct, ISliceBits<TBits>
    where TKernel : struct, ISliceKernel
    where TCount : struct, IRankCount
{
    private const int WordRows = 64;

    private static readonly ushort[] Places = MakePlaces();

    /// <summary>Rows of a block.</summary>
    public static int Rows => TBits.Words * WordRows;

    /// <summary>Adds the leaves that each row of a block reaches to its sums.</summary>
    /// <param name="trees">The trees.</param>
    /// <param name="rows">The first row.</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="count">Rows, at most a block's; the work is a whole block's in any case.</param>
    /// <param name="sums">Row-major.</param>
    /// <param name="targets">Sums of a row.</param>
    public static void Add(SlicedTrees trees, float* rows, nint stride, int count, float* sums, int targets)
    {
        var lineBytes = (long)SlicedTrees.LinesMax * TBits.Words * sizeof(ulong);
        var rankBytes = (long)trees.Ranks.Columns * trees.Ranks.RankBytes * Rows;
        var memory = WalkMemory.AtLeast(lineBytes + rankBytes + ((long)targets * Rows * sizeof(float)));
        var lines = (ulong*)memory.Start;
        var ranks = memory.Start + lineBytes;
        var block = (float*)(ranks + rankBytes);
        Bring(sums, block, count, targets);
        if (trees.Ranks.AreWords)
        {
            Rank(trees.Ranks, rows, stride, count, (ushort*)ranks);
        }
        else
        {
            Rank(trees.Ranks, rows, stride, count, ranks);
        }

        new Span<ulong>(lines + (SlicedTrees.Zeros * TBits.Words), TBits.Words).Clear();
        new Span<ulong>(lines + (SlicedTrees.Ones * TBits.Words), TBits.Words).Fill(ulong.MaxValue);
        foreach (var group in trees.Groups)
        {
            Answer(trees, group, ranks, lines);
            Run(trees, group, lines, block);
        }

        Return(block, sums, count, targets);
        GC.KeepAlive(memory);
        GC.KeepAlive(trees);
    }

    private static void Rank<TRank>(ThresholdRanks table, float* rows, nint stride, int count, TRank* ranks)
        where TRank : unmanaged, IBinaryInteger<TRank>
    {
        fixed (ushort* places = Places)
        {
            for (var c = 0; c < table.Columns; c++)
            {
                RankSearch<TCount>.Column(table, c, rows + table.Sources[c], stride, ranks + (c * Rows), places, count);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Answer(SlicedTrees trees, SlicedTrees.Group group, byte* ranks, ulong* lines)
    {
        var to = lines + (SlicedTrees.FirstAnswer * TBits.Words);
        fixed (ushort* columns = trees.QuestionColumns, keys = trees.QuestionKeys)
        {
            if (trees.Ranks.AreWords)
            {
                for (var q = group.FirstQuestion; q < group.QuestionEnd; q++)
                {
                    var column = (ushort*)ranks + (columns[q] * Rows);
                    for (var word = 0; word < TBits.Words; word++)
                    {
                        *to++ = TKernel.Ask(column + (word * WordRows), keys[q]);
                    }
                }
            }
            else
            {
                for (var q = group.FirstQuestion; q < group.QuestionEnd; q++)
                {
                    var column = ranks + (columns[q] * Rows);
                    for (var word = 0; word < TBits.Words; word++)
                    {
                        *to++ = TKernel.Ask(column + (word * WordRows), (byte)keys[q]);
                    }
                }
            }
        }
    }

    private static void Run(SlicedTrees trees, SlicedTrees.Group group, ulong* lines, float* block)
    {
        fixed (ushort* perfect = trees.PerfectAnswers)
        fixed (ulong* steps = trees.Steps)
        {
            var from = group.FirstTree == 0 ? 0 : trees.StepEnds[group.FirstTree - 1];
            for (var t = group.FirstTree; t < group.TreeEnd; t++)
            {
                if (trees.PerfectDepths[t] > 0)
                {
                    SliceSelects<TBits>.RunPerfect(lines, perfect + trees.PerfectStarts[t], trees.PerfectDepths[t]);
                }
                else
                {
                    SliceSelects<TBits>.Run(lines, steps + from, steps + trees.StepEnds[t]);
                    from = trees.StepEnds[t];
                }

                TKernel.AddLeaves(trees, t, lines, TBits.Words, block + (trees.Targets[t] * Rows));
            }
        }
    }

    private static void Bring(float* sums, float* block, int count, int targets)
    {
        for (var target = 0; target < targets; target++, block += Rows)
        {
            for (var r = 0; r < count; r++)
            {
                block[r] = sums[(r * targets) + target];
            }
        }
    }

    private static void Return(float* block, float* sums, int count, int targets)
    {
        for (var target = 0; target < targets; target++, block += Rows)
        {
            for (var r = 0; r < count; r++)
            {
                sums[(r * targets) + target] = block[r];
            }
        }
    }

    private static ushort[] MakePlaces()
    {
        var places = new ushort[Rows];
        for (var r = 0; r < places.Length; r++)
        {
            places[r] = (ushort)((r / WordRows * WordRows) + TKernel.PlaceOf(r % WordRows));
        }

        return places;
    }
}
