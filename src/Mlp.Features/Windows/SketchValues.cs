namespace Mlp.Features;

/// <summary>A window's merged sketch as features.</summary>
internal static class SketchValues
{
    public static void Read(in Sketch sketch, in Reading reading, WindowScratch scratch, Span<float> features)
    {
        switch (reading.Kind)
        {
            case AggregateKind.Distinct:
                features[0] = (float)Distinct(sketch, scratch);
                break;
            case AggregateKind.Quantile:
                features[0] = (float)Quantile(sketch, reading.Rank, scratch.Items);
                break;
            default:
                Top(sketch, reading.Kind == AggregateKind.TopShares, scratch.Items, features);
                break;
        }
    }

    private static double Distinct(in Sketch sketch, WindowScratch scratch)
    {
        var registers = scratch.Registers(1 << sketch.Bits);
        registers.Clear();
        foreach (var item in scratch.Items)
        {
            ref var rank = ref registers[HyperLogLog.Register(item.Key)];
            rank = Math.Max(rank, HyperLogLog.RankOf(item.Key));
        }

        return HyperLogLog.Estimate(registers);
    }

    private static double Quantile(in Sketch sketch, double rank, ReadOnlySpan<SketchItem> bins)
    {
        var count = Count(bins);
        if (count == 0)
        {
            return double.NaN;
        }

        // The least bin of which more than that many values lie in it or below.
        var below = (long)Math.Floor(rank * (count - 1));
        foreach (var bin in bins)
        {
            below -= bin.Count;
            if (below < 0)
            {
                return RelativeBins.Middle(bin.Key, sketch.Bits);
            }
        }

        return RelativeBins.Middle(bins[^1].Key, sketch.Bits);
    }

    private static void Top(in Sketch sketch, bool shares, ReadOnlySpan<SketchItem> values, Span<float> features)
    {
        var count = Count(values);
        features.Fill(count == 0 || !shares ? float.NaN : 0);
        var before = new SketchItem(long.MinValue, long.MaxValue);
        for (var rank = 0; rank < Math.Min(features.Length, values.Length); rank++)
        {
            // The next in the order of falling counts, then of rising values: a few ranks do not pay for a sort.
            var best = default(SketchItem);
            foreach (var value in values)
            {
                var follows = value.Count < before.Count || (value.Count == before.Count && (rank == 0 || value.Key > before.Key));
                if (follows && value.Count > best.Count)
                {
                    best = value;
                }
            }

            features[rank] = shares ? (float)(best.Count / (double)count) : sketch.IsText ? CategoryCode.Of(best.Key) : best.Key;
            before = best;
        }
    }

    private static long Count(ReadOnlySpan<SketchItem> items)
    {
        long count = 0;
        foreach (var item in items)
        {
            count += item.Count;
        }

        return count;
    }
}
