using Mlp.Core;

namespace Mlp.Features;

/// <summary>An event's values against its source's declaration.</summary>
internal static class EventValues
{
    public static void Check(EventSource source, ReadOnlySpan<FeatureValue> values)
    {
        if (values.Length != source.Columns.Length)
        {
            throw new MlpException(FeatureErrors.EventInvalid, $"An event of '{source.Name}' has {values.Length} values; expected {source.Columns.Length}: {string.Join(", ", source.Columns.ToArray().Select(c => c.Name))}.");
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (ColumnFit.Refusal(source.Columns[i], values[i]) is { } refusal)
            {
                throw new MlpException(FeatureErrors.EventInvalid, $"An event of '{source.Name}' has {refusal}.");
            }
        }
    }

    /// <summary>The columns that a windowed view reads, as words.</summary>
    public static void Words(WindowPlan plan, ReadOnlySpan<FeatureValue> values, Span<long> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = ColumnWord.Of(values[plan.Columns[i]], plan.Forms[i], plan.View.Source.Columns[plan.Columns[i]].Type.Kind);
        }
    }

    public static EntityKey Key(ViewPlan plan, ReadOnlySpan<FeatureValue> values)
    {
        var columns = plan.KeyColumns;
        return columns.Length switch
        {
            1 => EntityKey.Of([values[columns[0]]]),
            2 => EntityKey.Of([values[columns[0]], values[columns[1]]]),
            _ => Many(columns, values),
        };
    }

    private static EntityKey Many(int[] columns, ReadOnlySpan<FeatureValue> values)
    {
        var key = new FeatureValue[columns.Length];
        for (var i = 0; i < key.Length; i++)
        {
            key[i] = values[columns[i]];
        }

        return EntityKey.Of(key);
    }
}
