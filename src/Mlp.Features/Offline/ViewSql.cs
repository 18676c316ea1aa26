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

    /// <summary>Newest rows of a latest view: keys, <c>us</c> and <c>v0…</c>; of one entity's events at one time the largest value of each column, a number before NaN.</summary>
    public static string LatestRows(ViewPlan plan, string source, string where)
    {
        var keys = Keys(plan);
        var values = plan.View.Features.ToArray().Select((feature, i) =>
        {
            var number = Float(plan, feature);
            return $"coalesce(max(CASE WHEN isnan({number}) THEN NULL ELSE {number} END), 'nan'::FLOAT) AS v{i}";
        });
        return $"SELECT {keys}, _us AS us, {string.Join(", ", values)} FROM {Standing(plan, source)}{where} GROUP BY {keys}, _us";
    }

    /// <summary>The table that a point-in-time join looks up: sums over everything up to and with a tile, or newest rows.</summary>
    public static string Lookup(ViewPlan plan, string source) =>
        plan.Window is null ? LatestRows(plan, source, "") : Running(plan, $"({Tiles(plan, source, "")})");

    /// <summary>The joins that bring a view's values to the requests, named <c>{alias}_e</c> (before the end of all windows), <c>{alias}_0…</c> (before the begin of each) and, where there are first values, <c>{alias}_f0…</c> (behind it).</summary>
    public static IEnumerable<string> Joins(ViewPlan plan, string lookup, string alias)
    {
        if (plan.Window is null)
        {
            yield return $"ASOF LEFT JOIN {lookup} AS {alias}_e ON {On(plan, $"{alias}_e")} AND requests._us > {alias}_e.us";
            yield break;
        }

        var tile = SqlText.Tile("requests._us", plan.Window.TileMicros);
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
        if (plan.Window is null)
        {
            for (var i = 0; i < plan.Width; i++)
            {
                var young = plan.TimeToLiveMicros == long.MaxValue ? "TRUE" : $"requests._us - {alias}_e.us <= {SqlText.Literal(plan.TimeToLiveMicros)}";
                yield return $"CASE WHEN {alias}_e.us IS NOT NULL AND {young} THEN {alias}_e.v{i} ELSE 'nan'::FLOAT END";
            }

            yield break;
        }

        foreach (var reading in plan.Window.Readings.OrderBy(r => r.Feature))
        {
            var sum = Difference(alias, reading.Sum, reading.Window);
            var events = Difference(alias, 0, reading.Window);
            yield return reading.Kind is AggregateKind.Mean or AggregateKind.Share
                ? $"CASE WHEN {events} = 0 THEN 'nan'::FLOAT ELSE CAST(CAST({sum} AS DOUBLE) / CAST({events} AS DOUBLE) AS FLOAT) END"
                : $"CAST({sum} AS FLOAT)";
        }
    }

    public static string Keys(ViewPlan plan) => SqlText.Names(plan.View.Entity.Keys.ToArray());

    // A view of latest rows keeps what it has seen: a retraction is no event, and takes none away.
    private static string Standing(ViewPlan plan, string source) =>
        plan.View.Source.RetractsColumn is null ? source : $"(SELECT * FROM {source} WHERE {ReplayRows.Retracts(plan.View.Source)} = 0)";

    // Rounded as C# does it: what is too large for a float is infinite, which a cast in SQL refuses.
    private static string Float(ViewPlan plan, string feature)
    {
        var column = SqlText.Name(feature);
        return plan.View.Source.Columns[plan.View.Source.IndexOf(feature)].Type == ColumnType.Integer
            ? $"CAST({column} AS FLOAT)"
            : $"coalesce(TRY_CAST({column} AS FLOAT), CASE WHEN {column} > 0 THEN 'inf'::FLOAT ELSE '-inf'::FLOAT END)";
    }

    /// <summary>A sum over a window: what its end has more than its begin.</summary>
    public static string Difference(string alias, int sum, int window) =>
        $"(coalesce({alias}_e.c{sum}, 0) - coalesce({alias}_{window}.c{sum}, 0))";

    private static string On(ViewPlan plan, string table) =>
        string.Join(" AND ", plan.View.Entity.Keys.ToArray().Select(key => $"requests.{SqlText.Name(key)} = {table}.{SqlText.Name(key)}"));
}
