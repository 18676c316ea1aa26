namespace Mlp.Features;

/// <summary>What an entity's features are of which nothing is known: the same as windows without an event.</summary>
internal static class MissingRow
{
    public static float[] Of(EntityView view)
    {
        var row = new float[view.FloatCount];
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = view is WindowedView windowed && (windowed.Aggregates[i].Kind is AggregateKind.Count or AggregateKind.Sum) ? 0 : float.NaN;
        }

        return row;
    }
}
