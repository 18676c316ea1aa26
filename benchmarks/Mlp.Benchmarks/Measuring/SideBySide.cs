using System.Diagnostics;

namespace Mlp.Benchmarks;

/// <summary>Medians and minima of two ways to do one thing, for one operation.</summary>
internal readonly record struct Pair(double Ours, double Theirs, double OursMin, double TheirsMin);

/// <summary>Times ours and the peer's in one run, A B A B: what disturbs the machine disturbs both.</summary>
internal static class SideBySide
{
    /// <summary>Measures.</summary>
    /// <param name="effort">How long.</param>
    /// <param name="ours">Does our operation so many times.</param>
    /// <param name="theirs">Does the peer's so many times.</param>
    /// <param name="perSecond">Units in a second: 1e6 for microseconds.</param>
    public static Pair Measure(Effort effort, Action<int> ours, Action<int> theirs, double perSecond)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(effort.Pairs, 7);
        WarmUp(effort, ours);
        WarmUp(effort, theirs);
        var (countA, countB) = (Calibrate(effort, ours), Calibrate(effort, theirs));
        var (a, b) = (new double[effort.Pairs], new double[effort.Pairs]);
        GC.Collect();
        for (var i = 0; i < effort.Pairs; i++)
        {
            a[i] = Time(ours, countA) / countA * perSecond;
            b[i] = Time(theirs, countB) / countB * perSecond;
        }

        return new Pair(Median(a), Median(b), a.Min(), b.Min());
    }

    /// <summary>Measures what takes long by itself: once to warm up, then once a pair.</summary>
    public static Pair MeasureWhole(Effort effort, Action ours, Action theirs, double perSecond)
    {
        ours();
        theirs();
        var pairs = Math.Min(effort.Pairs, 7);
        var (a, b) = (new double[pairs], new double[pairs]);
        for (var i = 0; i < pairs; i++)
        {
            GC.Collect();
            a[i] = Time(_ => ours(), 1) * perSecond;
            b[i] = Time(_ => theirs(), 1) * perSecond;
        }

        return new Pair(Median(a), Median(b), a.Min(), b.Min());
    }

    internal static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    // Many short calls, not one long: the runtime compiles a method anew after thirty of them.
    private static void WarmUp(Effort effort, Action<int> work)
    {
        var started = Stopwatch.GetTimestamp();
        for (var calls = 0; calls < 40 || Stopwatch.GetElapsedTime(started) < effort.Warmup; calls++)
        {
            work(4);
        }
    }

    private static int Calibrate(Effort effort, Action<int> work)
    {
        var count = 1;
        while (count < 1 << 28)
        {
            var seconds = Time(work, count);
            if (seconds >= effort.Sample.TotalSeconds / 2)
            {
                return Math.Max(1, (int)(count * effort.Sample.TotalSeconds / seconds));
            }

            count *= 2;
        }

        return count;
    }

    private static double Time(Action<int> work, int count)
    {
        var started = Stopwatch.GetTimestamp();
        work(count);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
