using System.Numerics;

namespace Mlp.Features.Tests.Scenarios;

/// <summary>The features by their definitions alone: every trade looked at, nothing shared with the library.</summary>
internal static class TradesOracle
{
    /// <summary>Fails unless a row is what the definitions say: to the bit, of a sketch within its bound.</summary>
    public static void Check(Trades world, IReadOnlyList<Trades.Trade> trades, string shop, DateTime time, ReadOnlySpan<float> row, string where)
    {
        var feature = 0;
        var theirs = trades.Where(t => t.Shop == shop).ToList();
        foreach (var view in (WindowedView[])[world.All, world.Simple, world.Exact])
        {
            foreach (var aggregate in view.Aggregates)
            {
                Check(world, aggregate, InWindow(world, theirs, aggregate.Window, time), time, row.Slice(feature, aggregate.Width), $"{where}: {view.Name}.{aggregate.Name} of '{shop}' at {time:O}");
                feature += aggregate.Width;
            }
        }

        if (row.Length == feature)
        {
            return;
        }

        var newest = theirs.Where(t => t.KnownAt < time).Select(t => t.KnownAt).DefaultIfEmpty().Max();
        var last = theirs.Where(t => t.KnownAt == newest && t.KnownAt < time).ToList();
        Same(last.Count == 0 ? float.NaN : last.Max(t => t.Units), row[feature], $"{where}: newest.units of '{shop}' at {time:O}");
    }

    private static List<Trades.Trade> InWindow(Trades world, List<Trades.Trade> trades, TimeSpan window, DateTime time)
    {
        var end = Floor(time, world.Tile);
        return [.. trades.Where(t => t.KnownAt < end && t.KnownAt >= end - window && !(t.RetractedAt < end))];
    }

    private static void Check(Trades world, Aggregate aggregate, List<Trades.Trade> trades, DateTime time, ReadOnlySpan<float> got, string because)
    {
        var column = aggregate.Column;
        var present = column == "price" ? [.. trades.Where(t => !double.IsNaN(t.Price))] : trades;
        var numbers = present.Select(t => column == "price" ? t.Price + 0.0 : t.Units).ToList();
        switch (aggregate.Kind)
        {
            case AggregateKind.DecayedMean:
                Close(Decayed(world, aggregate, present, Floor(time, world.Tile)), got[0], 1e-5 * numbers.Select(Math.Abs).DefaultIfEmpty(0).Max(), because);
                break;
            case AggregateKind.Distinct:
                double distinct = column == "item" ? trades.Select(t => t.Item).Distinct().Count() : trades.Select(t => t.Units).Distinct().Count();
                Close(distinct, got[0], 2 + (6 * 1.04 / Math.Sqrt(1 << aggregate.Precision) * distinct), because);
                break;
            case AggregateKind.Quantile:
                numbers.Sort();
                var exact = numbers.Count == 0 ? double.NaN : numbers[(int)Math.Floor(aggregate.Rank * (numbers.Count - 1))];
                Close(exact, got[0], ((Trades.Error + 1e-6) * Math.Abs(exact)) + float.Epsilon, because);
                break;
            case AggregateKind.TopValues:
                var values = trades.GroupBy(t => t.Units).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).Select(g => (float)g.Key).ToList();
                Ranks(values, float.NaN, got, because);
                break;
            case AggregateKind.TopShares:
                var shares = trades.GroupBy(t => t.Item).Select(g => g.Count()).OrderDescending().Select(n => (float)(n / (double)trades.Count)).ToList();
                Ranks(shares, trades.Count == 0 ? float.NaN : 0, got, because);
                break;
            default:
                Same(Exact(aggregate, trades.Count, present, numbers), got[0], because);
                break;
        }
    }

    private static float Exact(Aggregate aggregate, int count, List<Trades.Trade> present, List<double> numbers)
    {
        var isPrice = aggregate.Column == "price";
        var step = isPrice ? Trades.Cent : 1;
        var steps = present.Select(t => isPrice ? (BigInteger)Math.Round(t.Price / Trades.Cent, MidpointRounding.ToEven) : t.Units).ToList();
        var sum = steps.Aggregate(BigInteger.Zero, (total, s) => total + s);
        var squares = steps.Aggregate(BigInteger.Zero, (total, s) => total + (s * s));
        double n = numbers.Count;
        var variance = n == 0 ? double.NaN : (double)((numbers.Count * squares) - (sum * sum)) / (n * n) * (step * step);
        var ordered = present.OrderBy(t => t.KnownAt).ThenBy(t => isPrice ? t.Price : t.Units).Select(t => isPrice ? (float)(t.Price + 0.0) : t.Units).ToList();
        return aggregate.Kind switch
        {
            AggregateKind.Count => count,
            AggregateKind.Sum => isPrice ? (float)((double)sum * step) : (long)sum,
            AggregateKind.Mean => n == 0 ? float.NaN : isPrice ? (float)((double)sum / n * step) : (float)((double)sum / n),
            AggregateKind.Share => n == 0 ? float.NaN : (float)(numbers.Count(v => v > aggregate.Threshold) / n),
            AggregateKind.Min => n == 0 ? float.NaN : (float)numbers.Min(),
            AggregateKind.Max => n == 0 ? float.NaN : (float)numbers.Max(),
            AggregateKind.First => n == 0 ? float.NaN : ordered[0],
            AggregateKind.Last => n == 0 ? float.NaN : ordered[^1],
            AggregateKind.Variance => (float)variance,
            AggregateKind.StandardDeviation => (float)Math.Sqrt(variance),
            _ => throw new ArgumentOutOfRangeException(nameof(aggregate)),
        };
    }

    private static double Decayed(Trades world, Aggregate aggregate, List<Trades.Trade> present, DateTime end)
    {
        double sum = 0, weights = 0;
        foreach (var trade in present)
        {
            var weight = Math.Pow(2, (Floor(trade.KnownAt, world.Tile) - end) / aggregate.HalfLife);
            sum += weight * (aggregate.Column == "price" ? Math.Round(trade.Price / Trades.Cent) * Trades.Cent : trade.Units);
            weights += weight;
        }

        return present.Count == 0 ? double.NaN : sum / weights;
    }

    private static void Ranks(List<float> expected, float none, ReadOnlySpan<float> got, string because)
    {
        for (var rank = 0; rank < got.Length; rank++)
        {
            Same(rank < expected.Count ? expected[rank] : none, got[rank], $"{because}, rank {rank + 1}");
        }
    }

    private static void Same(float expected, float got, string because)
    {
        if (BitConverter.SingleToInt32Bits(expected) != BitConverter.SingleToInt32Bits(got) && !(float.IsNaN(expected) && float.IsNaN(got)))
        {
            Assert.Fail($"{because} is {got:R}, expected {expected:R}");
        }
    }

    private static void Close(double expected, float got, double allowed, string because)
    {
        if (double.IsNaN(expected) ? !float.IsNaN(got) : !(Math.Abs(expected - got) <= allowed))
        {
            Assert.Fail($"{because} is {got:R}, expected {expected:R} within {allowed:R}");
        }
    }

    // Down, also before 1970.
    private static DateTime Floor(DateTime time, TimeSpan tile)
    {
        var since = time.Ticks - DateTime.UnixEpoch.Ticks;
        return time.AddTicks(-(((since % tile.Ticks) + tile.Ticks) % tile.Ticks));
    }
}
