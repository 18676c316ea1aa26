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
            var column = source.Columns[i];
            var fits = values[i].Type == column.Type || (column.Type == ColumnType.Number && values[i].Type == ColumnType.Integer);
            if (!fits || (column.Type == ColumnType.Text && values[i].Text is null))
            {
                throw new MlpException(FeatureErrors.EventInvalid, $"An event of '{source.Name}' has {(fits ? "no value" : values[i].Type.ToString())} for '{column.Name}'; expected {column.Type}.");
            }
        }
    }

    /// <summary>A column's value as a feature, rounded to float once: an integer does not become a double in between.</summary>
    public static float Feature(EventSource source, int column, ReadOnlySpan<FeatureValue> values) =>
        source.Columns[column].Type == ColumnType.Integer ? values[column].Integer : (float)values[column].Number;

    public static EntityKey Key(ViewPlan plan, ReadOnlySpan<FeatureValue> values)
    {
        var columns = plan.KeyColumns;
        return columns.Length switch
        {
            1 => values[columns[0]].Type == ColumnType.Integer ? EntityKey.Of(values[columns[0]].Integer) : EntityKey.Of(values[columns[0]].Text!),
            2 => EntityKey.Of(values[columns[0]].Text!, values[columns[1]].Text!),
            _ => Many(columns, values),
        };
    }

    private static EntityKey Many(int[] columns, ReadOnlySpan<FeatureValue> values)
    {
        var texts = new string[columns.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = values[columns[i]].Text!;
        }

        return EntityKey.Of(texts);
    }
}
