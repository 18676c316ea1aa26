using DuckDB.NET.Data;

namespace Mlp.Features;

/// <summary>States of tiles out of SQL, as the words that a record has.</summary>
internal static class StateWords
{
    /// <summary>Reads them, the states of nothing where there is null.</summary>
    public static void Read(WindowPlan plan, DuckDBDataReader row, int ordinal, Span<long> words)
    {
        var at = 0;
        foreach (ref readonly var state in plan.States.AsSpan())
        {
            var none = state.Kind is AggregateKind.Min or AggregateKind.First ? long.MaxValue : long.MinValue;
            if (state.Words == 2)
            {
                words[at++] = row.IsDBNull(ordinal) ? none : row.GetInt64(ordinal);
                ordinal++;
            }

            words[at++] = row.IsDBNull(ordinal) ? none
                : state.IsInteger ? row.GetInt64(ordinal)
                : ColumnWord.Ordered(ColumnWord.Of(row.GetDouble(ordinal)));
            ordinal++;
        }
    }
}
