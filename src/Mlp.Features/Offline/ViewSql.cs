namespace Mlp.Features;

/// <summary>A view in SQL: the same tiles, sums and arithmetic as the online store has. Of windowed views, those that come to a few integers and values a tile.</summary>
internal static class ViewSql
{
    /// <summary>Tiles of a windowed view: keys, <c>_tile</c>, <c>a0…</c>, each sum over it, and <c>s0…</c>, its states.</summary>
    public static string Tiles(ViewPlan plan, string source, string where)
    {
        var keys = Keys(plan);
        var window = plan.Window!;
        var sums = window.Sums.Select((sum, i) => $", {TileSql.Sum(window, sum)} AS a{i}");
        var states = window.States.Select((state, i) => $", {TileSql.State(window, state)} AS s{i}");
        return $"SELECT {keys}, {SqlText.Tile("_us", window.TileMicros)} AS _tile{string.Concat(sums)}{string.Concat(states)} FROM {source}{where} GROUP BY {keys}, _tile";
    }

    /// <summary>
    /// Sums over everything up to and with a tile: keys, <c>_tile</c> and <c>c0…</c>. Of last values, by their state's number, <c>s0…</c>, the newest up to the tile; of first
    /// values the earliest from it on.
    /// </summary>
    public static string Running(ViewPlan plan, string tiles)
    {
        var keys = Keys(plan);
        var sums = plan.Window!.Sums.Select((sum, i) => $"CAST(sum(a{i}) OVER tiles AS {TileSql.Type(sum)}) AS c{i}");
        var values = plan.Window.States.Select((state, i) => state.Kind switch
        {
            AggregateKind.Last => $", max(s{i}) OVER tiles AS s{i}",
            AggregateKind.First => $", min(s{i}) OVER (PARTITION BY {keys} ORDER BY _tile DESC ROWS UNBOUNDED PRECEDING) AS s{i}",
            _ => "",
        });
        return $"SELECT {keys}, _tile, {string.Join(", ", sums)}{string.Concat(values)} FROM {tiles} WINDOW tiles AS (PARTITION BY {keys} ORDER BY _tile ROWS UNBOUNDED PRECEDING)";
    }

    /// <summary>The joins that bring a view's values to the requests, named <c>{alias}_e</c> (before the end of all windows), <c>{alias}_0…</c> (before the begin of each) and, where there are first values, <c>{alias}_f0…</c> (behind it).</summary>
    public static IEnumerable<string> Joins(ViewPlan plan, string lookup, string alias)
    {
        var tile = SqlText.Tile("requests._us", plan.Window!.TileMicros);
        yield return $"ASOF LEFT JOIN {lookup} AS {alias}_e ON {On(plan, $"{alias}_e")} AND {tile} > {alias}_e._tile";
        for (var w = 0; w < plan.Window.Windows.Length; w++)
        {
            yield return $"ASOF LEFT JOIN {lookup} AS {alias}_{w} ON {On(plan, $"{alias}_{w}")} AND {tile} - {SqlText.Literal(plan.Window.Windows[w])} > {alias}_{w}._tile";
            if (plan.Window.FirstStates > 0)
            {
                yield return $"ASOF LEFT JOIN {lookup} AS {alias}_f{w} ON {On(plan, $"{alias}_f{w}")} AND {tile} - {SqlText.Literal(plan.Window.Windows[w])} <= {alias}_f{w}._tile";
            }
        }
    }

    /// <summary>The view's features, in order, as expressions over the joined tables.</summary>
    public static IEnumerable<string> Features(ViewPlan plan, string alias)
    {
        foreach (var reading in plan.Window!.Readings.OrderBy(r => r.Feature))
        {
            var sum = Difference(alias, reading.Sum, reading.Window);
            var events = Difference(alias, 0, reading.Window);
            yield return reading.Kind is AggregateKind.Mean or AggregateKind.Share
                ? $"CASE WHEN {events} = 0 THEN 'nan'::FLOAT ELSE CAST(CAST({sum} AS DOUBLE) / CAST({events} AS DOUBLE) AS FLOAT) END"
                : $"CAST({sum} AS FLOAT)";
        }
    }

    /// <summary>The keys of requests, which may have other types than the view's: as the view has them.</summary>
    public static string RequestedKeys(ViewPlan plan) =>
        string.Join(", ", plan.KeyColumns.Select(k => plan.View.Source.Columns[k]).Select(k => $"CAST({SqlText.Name(k.Name)} AS {SqlText.Type(k.Type)}) AS {SqlText.Name(k.Name)}"));

    public static string Keys(ViewPlan plan) => SqlText.Names(plan.View.Entity.Keys.ToArray());

    /// <summary>The events of a latest view, which keeps what it has seen: a retraction is no event, and takes none away.</summary>
    public static string Standing(ViewPlan plan, string source) =>
        plan.View.Source.RetractsColumn is null ? source : $"(SELECT * FROM {source} WHERE {ReplayRows.Retracts(plan.View.Source)} = 0)";

    /// <summary>A sum over a window: what its end has more than its begin.</summary>
    public static string Difference(string alias, int sum, int window) =>
        $"(coalesce({alias}_e.c{sum}, 0) - coalesce({alias}_{window}.c{sum}, 0))";

    private static string On(ViewPlan plan, string table) =>
        string.Join(" AND ", plan.View.Entity.Keys.ToArray().Select(key => $"requests.{SqlText.Name(key)} = {table}.{SqlText.Name(key)}"));
}
