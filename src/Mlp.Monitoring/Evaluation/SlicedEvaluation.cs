using Mlp.Core;

namespace Mlp.Monitoring;

/// <summary>Evaluates overall and by slices.</summary>
public static class SlicedEvaluation
{
    /// <summary>Evaluates all rows, and the rows of each value of each column.</summary>
    /// <param name="probabilities">The predicted probability of each row, 0 to 1.</param>
    /// <param name="labels">Whether the row turned out positive.</param>
    /// <param name="columns">The columns to slice by. Slices come in the order of the columns, then of their values (ordinal).</param>
    /// <param name="options">Bins, and the most values of a column; null for the defaults.</param>
    /// <exception cref="MonitoringException">
    /// <see cref="MonitoringErrors.InputInvalid"/>: as <see cref="BinaryEvaluation.Of"/>, or a column has another number of rows;
    /// <see cref="ErrorCodes.LimitReached"/>: a column has too many different values.
    /// </exception>
    public static EvaluationReport Report(ReadOnlySpan<float> probabilities, ReadOnlySpan<bool> labels, IReadOnlyList<SliceColumn> columns, BinaryEvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(columns);
        options ??= BinaryEvaluationOptions.Default;
        var overall = BinaryEvaluation.Of(probabilities, labels, options);
        var slices = new List<EvaluationSlice>();
        foreach (var column in columns)
        {
            AddSlices(slices, column, probabilities, labels, options);
        }

        return new EvaluationReport { Rows = overall.Rows, Metrics = overall.Metrics, Slices = slices };
    }

    private static void AddSlices(List<EvaluationSlice> slices, SliceColumn column, ReadOnlySpan<float> probabilities, ReadOnlySpan<bool> labels, BinaryEvaluationOptions options)
    {
        if (column.Values.Count != labels.Length)
        {
            throw new MonitoringException(MonitoringErrors.InputInvalid, $"The slice column '{column.Name}' has {column.Values.Count} values; expected {labels.Length}, one for each row.");
        }

        var rowsOfValues = new SortedDictionary<string, List<int>>(StringComparer.Ordinal);
        for (var row = 0; row < labels.Length; row++)
        {
            if (!rowsOfValues.TryGetValue(column.Values[row], out var rows))
            {
                if (rowsOfValues.Count == options.SliceValuesMax)
                {
                    throw new MonitoringException(ErrorCodes.LimitReached, $"The slice column '{column.Name}' has more than {options.SliceValuesMax} different values ({nameof(BinaryEvaluationOptions.SliceValuesMax)}).");
                }

                rowsOfValues.Add(column.Values[row], rows = []);
            }

            rows.Add(row);
        }

        foreach (var (value, rows) in rowsOfValues)
        {
            var itsProbabilities = new float[rows.Count];
            var itsLabels = new bool[rows.Count];
            for (var i = 0; i < rows.Count; i++)
            {
                itsProbabilities[i] = probabilities[rows[i]];
                itsLabels[i] = labels[rows[i]];
            }

            slices.Add(new EvaluationSlice(column.Name, value, rows.Count, BinaryEvaluation.Of(itsProbabilities, itsLabels, options).Metrics));
        }
    }
}
