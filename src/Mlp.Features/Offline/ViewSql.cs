namespace Mlp.Features;

/// <summary>A windowed view in SQL: the same tiles, sums and arithmetic as the online store has.</summary>
internal static class ViewSql
{
    /// <summary>Tiles of a windowed view: keys, <c>tile</c> and <c>a0…</c>, what each accumulator sums in it.</summary>
    public static string Tiles(ViewPlan plan, string source, string where)
    {
        var keys = Keys(plan);
        var sums = plan.Accumulators.Select((a, i) => $"{Sum(plan, a)} AS a{i}");
        return $"SELECT {keys}, {SqlText.Tile("_us", plan.TileMicros)} AS tile, {string.Join(", ", sums)} FROM {source}{where} GROUP BY {keys}, tile";
    }

    /// <summary>The table that a point-in-time join looks up: sums over everything up to and with a tile.</summary>
    public static string Lookup(ViewPlan plan, string source)
    {
        var keys = Keys(plan);
        var sums = plan.Accumulators.Select((_, i) => $"CAST(sum(a{i}) OVER tiles AS BIGINT) AS c{i}");
        return $"SELECT {keys}, tile, {string.Join(", ", sums)} FROM ({Tiles(plan, source, "")}) WINDOW tiles AS (PARTITION BY {keys} ORDER BY tile ROWS UNBOUNDED PRECEDING)";
    }

    /// <summary>An entity whose sum of a column does not fit into 64 bits, in one tile or over everything up to one: its keys.</summary>
    public static string Overflowing(ViewPlan plan, Accumulator accumulator, string source, string where)
    {
        var keys = Keys(plan);
        var sum = $"sum({ColumnOf(plan, accumulator)})";
        var range = $"BETWEEN {SqlText.Literal(long.MinValue)} AND {SqlText.Literal(long.MaxValue)}";
        return $"SELECT {keys} FROM (SELECT {keys}, {SqlText.Tile("_us", plan.TileMicros)} AS tile, {sum} AS total, sum({sum}) OVER (PARTITION BY {keys} ORDER BY tile) AS running FROM {source}{where} GROUP BY {keys}, tile) WHERE total NOT {range} OR running NOT {range} ORDER BY {keys} LIMIT 1";
    }

    /// <summary>The joins that bring a view's values to the requests, named <c>{alias}_e</c> (end of all windows) and <c>{alias}_0…</c> (begin of each).</summary>
    public static IEnumerable<string> Joins(ViewPlan plan, string lookup, string alias)
    {
        var tile = SqlText.Tile("requests._us", plan.TileMicros);
        yield return $"ASOF LEFT JOIN {lookup} AS {alias}_e ON {On(plan, $"{alias}_e")} AND {tile} > {alias}_e.tile";
        for (var w = 0; w < plan.Windows.Length; w++)
        {
            yield return $"ASOF LEFT JOIN {lookup} AS {alias}_{w} ON {On(plan, $"{alias}_{w}")} AND {tile} - {SqlText.Literal(plan.Windows[w])} > {alias}_{w}.tile";
        }
    }

    /// <summary>The view's features, in order, as expressions over the joined tables.</summary>
    public static IEnumerable<string> Features(ViewPlan plan, string alias)
    {
        foreach (var reading in plan.Readings)
        {
            var sum = Difference(alias, reading.Accumulator, reading.Window);
            var events = Difference(alias, 0, reading.Window);
            yield return reading.Divided
                ? $"CASE WHEN {events} = 0 THEN 'nan'::FLOAT ELSE CAST(CAST({sum} AS DOUBLE) / CAST({events} AS DOUBLE) AS FLOAT) END"
                : $"CAST({sum} AS FLOAT)";
        }
    }

    public static string Keys(ViewPlan plan) => SqlText.Names(plan.View.Entity.Keys.ToArray());

    private static string Difference(string alias, int accumulator, int window) =>
        $"(coalesce({alias}_e.c{accumulator}, 0) - coalesce({alias}_{window}.c{accumulator}, 0))";

    private static string On(ViewPlan plan, string table) =>
        string.Join(" AND ", plan.View.Entity.Keys.ToArray().Select(key => $"requests.{SqlText.Name(key)} = {table}.{SqlText.Name(key)}"));

    private static string ColumnOf(ViewPlan plan, Accumulator accumulator) => SqlText.Name(plan.View.Source.Columns[accumulator.Column].Name);

    private static string Sum(ViewPlan plan, Accumulator accumulator)
    {
        if (accumulator.Column < 0)
        {
            return "count(*)";
        }

        var column = ColumnOf(plan, accumulator);
        return accumulator.Above is { } threshold ? $"count_if({column} > {SqlText.Literal(threshold)})" : $"CAST(sum({column}) AS BIGINT)";
    }
}
