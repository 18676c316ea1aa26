using System.Globalization;

namespace Mlp.Features;

/// <summary>What a tile holds, in SQL: the same integers and the same values as <see cref="WindowDelta"/> makes of its events.</summary>
internal static class TileSql
{
    /// <summary>A sum over a tile's events.</summary>
    public static string Sum(WindowPlan plan, SumSlot sum)
    {
        if (sum.Kind == SumKind.Events)
        {
            return "count(*)";
        }

        var column = Column(plan, sum.Column);
        return sum.Kind switch
        {
            // In SQL, NaN is larger than any number.
            SumKind.Above => $"count_if({(sum.IsInteger ? "" : $"NOT isnan({column}) AND ")}{column} > {SqlText.Literal(sum.Above)})",
            SumKind.Present => $"count_if(NOT isnan({column}))",
            SumKind.Square => $"coalesce(sum(CAST({Steps(plan, sum)} AS HUGEINT) * {Steps(plan, sum)}), 0)",
            _ => $"CAST(coalesce(sum({Steps(plan, sum)}), 0) AS BIGINT)",
        };
    }

    /// <summary>A column as statements count with it: an integer of 64 bits, a double with NaN for a missing value, or a text.</summary>
    public static string Word(WindowPlan plan, int column)
    {
        var source = plan.View.Source.Columns[plan.Columns[column]];
        var name = SqlText.Name(source.Name);
        return plan.Forms[column] switch
        {
            WordForm.Integer => source.Type == ColumnType.Integer ? name : $"CAST({name} AS BIGINT)",
            WordForm.Number => Present(source.Type == ColumnType.Number ? name : $"CAST({name} AS DOUBLE)", source.IsNullable),
            _ => name,
        };
    }

    /// <summary>The type of a sum over many tiles.</summary>
    public static string Type(SumSlot sum) => sum.IsWide ? "HUGEINT" : "BIGINT";

    /// <summary>A state of a tile's events: a value, or a time <c>t</c> and a value <c>v</c>; null of none.</summary>
    public static string State(WindowPlan plan, StateSlot state)
    {
        var value = Value(plan, state);
        return state.Words == 1
            ? $"{Aggregate(state)}({value})"
            : $"{Aggregate(state)}({{'t': _us, 'v': {value}}}){(state.IsInteger ? "" : $" FILTER (NOT isnan({Column(plan, state.Column)}))")}";
    }

    /// <summary>What merges states, and makes them.</summary>
    public static string Aggregate(StateSlot state) => state.Kind is AggregateKind.Min or AggregateKind.First ? "min" : "max";

    /// <summary>The words of a tile's states.</summary>
    public static IEnumerable<string> Words(WindowPlan plan) =>
        plan.States.SelectMany((state, s) => state.Words == 1 ? (string[])[$"s{s}"] : [$"s{s}.t", $"s{s}.v"]);

    /// <summary>Keys of an entity whose sum does not fit: a value by itself, a tile, or everything up to one.</summary>
    public static string Overflowing(ViewPlan plan, SumSlot sum, string source, string where)
    {
        var keys = ViewSql.Keys(plan);
        var steps = Steps(plan.Window!, sum).Replace("CAST(", "TRY_CAST(", StringComparison.Ordinal);
        var (total, range) = sum.IsWide
            ? ($"sum(CAST({steps} AS DOUBLE) * {steps})", "BETWEEN 0 AND 1.7e38")
            : ($"sum({steps})", $"BETWEEN {SqlText.Literal(long.MinValue)} AND {SqlText.Literal(long.MaxValue)}");
        var lost = sum.IsInteger ? "FALSE" : $"count_if({steps} IS NULL AND NOT isnan({Column(plan.Window!, sum.Column)})) > 0";
        return $"SELECT {keys} FROM (SELECT {keys}, {SqlText.Tile("_us", plan.Window!.TileMicros)} AS _tile, {total} AS total, sum({total}) OVER (PARTITION BY {keys} ORDER BY _tile) AS running, {lost} AS lost FROM {source}{where} GROUP BY {keys}, _tile) WHERE lost OR total NOT {range} OR running NOT {range} ORDER BY {keys} LIMIT 1";
    }

    // A cast to an integer rounds half to even, as C# does it, and refuses what does not fit.
    private static string Steps(WindowPlan plan, SumSlot sum)
    {
        var column = Column(plan, sum.Column);
        return sum.IsInteger ? column : $"CASE WHEN NOT isnan({column}) THEN CAST({column} / '{sum.Resolution.ToString("R", CultureInfo.InvariantCulture)}'::DOUBLE AS BIGINT) END";
    }

    private static string Present(string number, bool isNullable) => isNullable ? $"coalesce({number}, 'nan'::DOUBLE)" : number;

    // Zero has no sign, and NaN is no value.
    private static string Value(WindowPlan plan, StateSlot state)
    {
        var column = Column(plan, state.Column);
        return state.IsInteger ? column : $"CASE WHEN NOT isnan({column}) THEN {column} + 0::DOUBLE END";
    }

    private static string Column(WindowPlan plan, int column) => Word(plan, column);
}
