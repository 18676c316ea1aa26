using System.Diagnostics;

namespace Mlp.Benchmarks;

/// <summary>Finds how raw ONNX Runtime is fastest here: every batch size, number of instances and of threads, with at most as many rows in flight as there are callers.</summary>
internal static class OrtSweep
{
    private static readonly int[] Batches = [1, 2, 4, 6, 8, 12, 16, 18, 20, 21, 24, 28, 30, 32, 36, 40, 48, 56, 60, 64];

    public static OrtSetting Best(ServedModel model, TimeSpan each, int rounds, Action<string> say)
    {
        var settings = Settings().ToArray();
        var best = new double[settings.Length];
        Array.Fill(best, double.MaxValue);
        for (var i = 0; i < settings.Length; i++)
        {
            using var peer = new RawOrt(model, settings[i]);
            best[i] = Time(peer, each, rounds);
        }

        // The machine is not equally quiet all the time, so the front runners run again.
        foreach (var i in Enumerable.Range(0, settings.Length).OrderBy(i => best[i]).Take(5).ToArray())
        {
            using var peer = new RawOrt(model, settings[i]);
            best[i] = Math.Min(best[i], Time(peer, each, 2 * rounds));
        }

        var winner = Array.IndexOf(best, best.Min());
        say($"the best of {settings.Length} settings of ONNX Runtime: {settings[winner]}, {best[winner] * 1e9:0} ns a row");
        return settings[winner];
    }

    private static double Time(RawOrt peer, TimeSpan each, int rounds)
    {
        // As many rows as fill the time, found by doubling.
        var rows = 64;
        double seconds;
        while ((seconds = Once(peer, rows)) < each.TotalSeconds / 2)
        {
            rows *= 2;
        }

        var best = seconds / peer.Whole(rows);
        for (var i = 0; i < rounds; i++)
        {
            best = Math.Min(best, Once(peer, rows) / peer.Whole(rows));
        }

        return best;
    }

    private static double Once(RawOrt peer, int rows)
    {
        var started = Stopwatch.GetTimestamp();
        peer.Run(rows);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static IEnumerable<OrtSetting> Settings()
    {
        foreach (var batch in Batches)
        {
            for (var instances = 1; instances <= 2 * Environment.ProcessorCount && batch * instances <= ServedModel.Callers; instances++)
            {
                for (var threads = 1; threads <= Environment.ProcessorCount; threads++)
                {
                    yield return new OrtSetting(batch, instances, threads, Spins: false);
                    if (threads > 1)
                    {
                        yield return new OrtSetting(batch, instances, threads, Spins: true);
                    }
                }
            }
        }
    }
}
