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

    /// <summary>A column's value as a feature, rounded to float once: an integer does not become a double in between.</summary>
    public static float Feature(EventSource source, int column, ReadOnlySpan<FeatureValue> values) =>
        source.Columns[column].Type == ColumnType.Integer ? values[column].Integer : (float)values[column].Number;

    /// <summary>The columns that a windowed view reads, as words.</summary>
    public static void Words(WindowPlan plan, ReadOnlySpan<FeatureValue> values, Span<long> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            ref readonly var value = ref values[plan.Columns[i]];
            var type = plan.View.Source.Columns[plan.Columns[i]].Type;
            words[i] = value.IsMissing ? ColumnWord.Of(double.NaN) : type == ColumnType.Integer ? value.Integer : type == ColumnType.Number ? ColumnWord.Of(value.Number) : ColumnWord.Of(value.Text!);
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
