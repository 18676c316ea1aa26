namespace Mlp.Inference;

/// <summary>Finds the batch sizes that a model runs best at: a runtime's kernels take rows in blocks, and a batch that ends between two of them pays for the rest.</summary>
internal static class BestSizes
{
    /// <summary>What a batch costs beside its run; without it a tiny model would be run row by row.</summary>
    private const double MicrosecondsABatch = 1;

    /// <summary>Sizes whose rows cost this little more than the cheapest of the smaller ones are good as well.</summary>
    private const double Tolerance = 1.01;

    private const double SlowTolerance = 1.03;
    private const int SlowRowsMax = 16;
    private const int SlowRounds = 3;
    private const int SizesMin = 4;
    private const int RoundsMin = 3;
    private const int RoundsMax = 12;
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan RoundMax = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan SlowRowMax = TimeSpan.FromMilliseconds(2);

    /// <summary>Measures every size by turns.</summary>
    /// <param name="run">Runs so many rows.</param>
    /// <param name="sizes">Ascending, warm.</param>
    /// <param name="time">The clock.</param>
    /// <returns>The good sizes; none where it is not worth knowing: few sizes, or runs that take too long to be measured at load.</returns>
    public static int[] Measure(Action<int> run, IReadOnlyList<int> sizes, TimeProvider time)
    {
        if (sizes.Count < SizesMin)
        {
            return [];
        }

        var best = new double[sizes.Count];
        Array.Fill(best, double.MaxValue);
        var started = time.GetTimestamp();
        for (var round = 0; round < RoundsMax && (round < RoundsMin || time.GetElapsedTime(started) < Budget); round++)
        {
            for (var i = 0; i < best.Length; i++)
            {
                var before = time.GetTimestamp();
                run(sizes[i]);
                best[i] = Math.Min(best[i], time.GetElapsedTime(before).TotalMicroseconds);
            }

            if (time.GetElapsedTime(started) > RoundMax * (round + 1))
            {
                return best[0] > SlowRowMax.TotalMicroseconds ? [] : MeasureSlow(run, sizes, time);
            }
        }

        return Cheapest(sizes, best);
    }

    // Blocks vanish in long runs, and what a batch costs beside them too; what counts is how much memory a batch goes through. So the
    // smallest of a few sizes is taken that is as good as any: it also waits for fewer rows.
    private static int[] MeasureSlow(Action<int> run, IReadOnlyList<int> sizes, TimeProvider time)
    {
        var small = 0;
        while (small < sizes.Count && sizes[small] <= SlowRowsMax)
        {
            small++;
        }

        var best = new double[small];
        Array.Fill(best, double.MaxValue);
        for (var round = 0; round < SlowRounds; round++)
        {
            for (var i = 0; i < small; i++)
            {
                var before = time.GetTimestamp();
                run(sizes[i]);
                best[i] = Math.Min(best[i], time.GetElapsedTime(before).TotalMicroseconds / sizes[i]);
            }
        }

        var least = double.MaxValue;
        foreach (var row in best)
        {
            least = Math.Min(least, row);
        }

        for (var i = 0; i < small; i++)
        {
            if (best[i] <= least * SlowTolerance)
            {
                return [sizes[i]];
            }
        }

        return [];
    }

    /// <summary>The sizes at which a row costs no more than at any smaller size.</summary>
    public static int[] Cheapest(IReadOnlyList<int> sizes, ReadOnlySpan<double> microseconds)
    {
        var good = new List<int>();
        var least = double.MaxValue;
        for (var i = 0; i < sizes.Count; i++)
        {
            var row = (microseconds[i] + MicrosecondsABatch) / sizes[i];
            if (row <= least * Tolerance)
            {
                good.Add(sizes[i]);
            }

            least = Math.Min(least, row);
        }

        return [.. good];
    }
}
