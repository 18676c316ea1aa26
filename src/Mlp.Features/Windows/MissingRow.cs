namespace Mlp.Features;

/// <summary>What an entity's features are of which nothing is known: the same as windows without an event.</summary>
internal static class MissingRow
{
    public static float[] Of(EntityView view)
    {
        var row = new float[view.FloatCount];
        Array.Fill(row, float.NaN);
        if (view is not WindowedView windowed)
        {
            return row;
        }

        var feature = 0;
        foreach (var aggregate in windowed.Aggregates)
        {
            if (aggregate.Kind is AggregateKind.Count or AggregateKind.Sum or AggregateKind.Distinct)
            {
                row[feature] = 0;
            }

            feature += aggregate.Width;
        }

        return row;
    }
}
