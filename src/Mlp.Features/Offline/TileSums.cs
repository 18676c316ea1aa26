using System.Globalization;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>Statements that sum a view's columns: where a sum does not fit, the error says whose it is.</summary>
internal static class TileSums
{
    /// <summary>Runs a statement.</summary>
    /// <param name="session">Where.</param>
    /// <param name="plan">The view.</param>
    /// <param name="statement">Makes a table of the view's sums or newest rows.</param>
    /// <param name="source">The events it reads.</param>
    /// <param name="where">Which of them.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public static void Execute(DuckSession session, ViewPlan plan, string statement, string source, string where, CancellationToken cancellationToken)
    {
        try
        {
            session.Execute(statement, cancellationToken);
        }
        catch (MlpException e) when (e.InnerException is DuckDBException { ErrorType: DuckDBErrorType.Conversion or DuckDBErrorType.OutOfRange })
        {
            // Looking for the entity costs a second run, and only then.
            throw Overflow(session, plan, source, where, e, cancellationToken) ?? e;
        }
    }

    private static MlpException? Overflow(DuckSession session, ViewPlan plan, string source, string where, MlpException failure, CancellationToken cancellationToken)
    {
        if (plan.Window is not { } window)
        {
            return null;
        }

        for (var a = 0; a < window.Sums.Length; a++)
        {
            if (window.Sums[a] is not { Kind: SumKind.Value or SumKind.Square } summed)
            {
                continue;
            }

            foreach (var row in session.Rows(TileSql.Overflowing(plan, summed, source, where), cancellationToken))
            {
                var keys = string.Join(", ", Enumerable.Range(0, plan.KeyColumns.Length).Select(k => Convert.ToString(row.GetValue(k), CultureInfo.InvariantCulture)));
                return new MlpException(FeatureErrors.SumOverflow, $"The feature '{window.FeatureOf(a)}' of the view '{plan.View.Name}' cannot be summed for the {plan.View.Entity.Name} '{keys}': the sum over all of its events would not fit into {(summed.IsWide ? "128" : "64")} bits{(summed.IsInteger ? "" : ", in steps of its resolution")}.", failure);
            }
        }

        return null;
    }
}
