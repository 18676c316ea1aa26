namespace Mlp.Features;

/// <summary>States that are merged: smallest, largest, first and last values. Merging is exact, so neither order nor grouping shows.</summary>
internal static unsafe class TileStates
{
    /// <summary>The states of nothing.</summary>
    public static void Clear(WindowPlan plan, long* states)
    {
        var least = plan.MinStates;
        new Span<long>(states, least).Fill(long.MaxValue);
        new Span<long>(states + least, plan.MaxStates).Fill(long.MinValue);
        states += least + plan.MaxStates;
        new Span<long>(states, 2 * plan.FirstStates).Fill(long.MaxValue);
        new Span<long>(states + (2 * plan.FirstStates), 2 * plan.LastStates).Fill(long.MinValue);
    }

    public static void Merge(WindowPlan plan, long* into, long* from)
    {
        for (var end = into + plan.MinStates; into < end; into++, from++)
        {
            *into = Math.Min(*into, *from);
        }

        for (var end = into + plan.MaxStates; into < end; into++, from++)
        {
            *into = Math.Max(*into, *from);
        }

        for (var end = into + (2 * plan.FirstStates); into < end; into += 2, from += 2)
        {
            if (*from < *into || (*from == *into && from[1] < into[1]))
            {
                *into = *from;
                into[1] = from[1];
            }
        }

        for (var end = into + (2 * plan.LastStates); into < end; into += 2, from += 2)
        {
            if (*from > *into || (*from == *into && from[1] > into[1]))
            {
                *into = *from;
                into[1] = from[1];
            }
        }
    }
}
