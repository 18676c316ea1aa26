namespace Mlp.Features;

/// <summary>What one event adds to its tile: its sums, and its states as if the tile had nothing else.</summary>
internal static class WindowDelta
{
    /// <summary>Computes it.</summary>
    /// <param name="plan">The view.</param>
    /// <param name="micros">The event's time.</param>
    /// <param name="words">Its columns.</param>
    /// <param name="delta">Gets it.</param>
    /// <returns>The sum that a value does not fit into, by itself; −1 where all do.</returns>
    public static int Of(WindowPlan plan, long micros, ReadOnlySpan<long> words, Span<long> delta)
    {
        var sums = plan.Sums;
        for (var s = 0; s < plan.Narrow; s++)
        {
            ref readonly var sum = ref sums[s];
            if (!TryNarrow(plan, sum, micros, words, out delta[s]))
            {
                return s;
            }
        }

        var at = plan.Narrow;
        for (var s = plan.Narrow; s < sums.Length; s++, at += 2)
        {
            ref readonly var sum = ref sums[s];
            if (!TryValue(sum, words[sum.Column], out var value))
            {
                return s;
            }

            var wide = (Int128)value * (sum.Kind == SumKind.Square ? value : WeightOf(plan, sum, micros));
            delta[at] = (long)(ulong)wide;
            delta[at + 1] = (long)(wide >> 64);
        }

        States(plan, micros, words, delta[at..]);
        return -1;
    }

    /// <summary>Turns what is added into what is taken away again.</summary>
    public static void Negate(WindowPlan plan, Span<long> delta)
    {
        for (var s = 0; s < plan.Narrow; s++)
        {
            delta[s] = -delta[s];
        }

        for (var at = plan.Narrow; at < plan.SumWords; at += 2)
        {
            var wide = -Wide(delta[at], delta[at + 1]);
            delta[at] = (long)(ulong)wide;
            delta[at + 1] = (long)(wide >> 64);
        }
    }

    public static Int128 Wide(long low, long high) => new((ulong)high, (ulong)low);

    private static bool TryNarrow(WindowPlan plan, in SumSlot sum, long micros, ReadOnlySpan<long> words, out long added)
    {
        added = 1;
        if (sum.Column < 0)
        {
            return true;
        }

        var word = words[sum.Column];
        switch (sum.Kind)
        {
            case SumKind.Value:
                return TryValue(sum, word, out added);
            case SumKind.Above:
                added = (sum.IsInteger ? word > sum.Above : BitConverter.Int64BitsToDouble(word) > sum.Above) ? 1 : 0;
                return true;
            default:
                added = !sum.IsInteger && ColumnWord.IsNaN(word) ? 0 : sum.Kind == SumKind.Weight ? WeightOf(plan, sum, micros) : 1;
                return true;
        }
    }

    private static bool TryValue(in SumSlot sum, long word, out long value)
    {
        value = word;
        if (sum.IsInteger)
        {
            return true;
        }

        if (ColumnWord.IsNaN(word))
        {
            value = 0;
            return true;
        }

        return ColumnWord.TrySteps(word, sum.Resolution, out value);
    }

    private static long WeightOf(WindowPlan plan, in SumSlot sum, long micros)
    {
        var tile = plan.Tile(micros);
        return HalfLife.Weights(sum.HalfLifeTiles)[tile - (FeatureTime.Tile(tile, sum.HalfLifeTiles) * sum.HalfLifeTiles)];
    }

    private static void States(WindowPlan plan, long micros, ReadOnlySpan<long> words, Span<long> states)
    {
        var at = 0;
        foreach (ref readonly var state in plan.States.AsSpan())
        {
            var word = words[state.Column];
            var isNone = !state.IsInteger && ColumnWord.IsNaN(word);
            var none = state.Kind is AggregateKind.Min or AggregateKind.First ? long.MaxValue : long.MinValue;
            if (state.Words == 2)
            {
                states[at++] = isNone ? none : micros;
            }

            states[at++] = isNone ? none : state.IsInteger ? word : ColumnWord.Ordered(word);
        }
    }
}
