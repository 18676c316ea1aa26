namespace Mlp.Features;

/// <summary>A latest view in SQL. What it says of several events at one time is what <see cref="LatestView"/> says.</summary>
internal static class LatestSql
{
    /// <summary>Events that share entity and time with another: all their columns and <c>_us</c>.</summary>
    public static string Tied(IEnumerable<string> keyColumns, string source)
    {
        var keys = keyColumns.ToArray();
        var names = SqlText.Names(keys);
        var on = string.Join(" AND ", keys.Select(k => $"events.{SqlText.Name(k)} = several.{SqlText.Name(k)}"));
        return $"SELECT events.* FROM {source} AS events SEMI JOIN (SELECT {names}, _us FROM {source} GROUP BY {names}, _us HAVING count(*) > 1) AS several ON {on} AND events._us = several._us";
    }

    /// <summary>Of tied events the one row that counts: keys, <c>_us</c> and <c>v0…</c>.</summary>
    public static string Decided(ViewPlan plan, string tied)
    {
        var keys = Keys(plan);
        var values = plan.View.Schema.Columns.ToArray().Select((column, i) => $"{ColumnSql.Largest(column, SqlText.Name(column.Name))} AS v{i}");
        var last = plan.View.Source.CreatedColumn is { } created
            ? $" QUALIFY {SqlText.Name(created)} IS NOT DISTINCT FROM max({SqlText.Name(created)}) OVER (PARTITION BY {keys}, _us)"
            : "";
        return $"SELECT {keys}, _us, {string.Join(", ", values)} FROM (SELECT * FROM {tied}{last}) GROUP BY {keys}, _us";
    }

    /// <summary>The view's features, in order, over <see cref="Joined"/>.</summary>
    /// <param name="plan">The view.</param>
    /// <param name="hasDecided">Whether some times have several events.</param>
    public static IEnumerable<string> Features(ViewPlan plan, bool hasDecided) => plan.View.Schema.Columns.ToArray().Select((column, i) =>
    {
        var value = $"event.{SqlText.Name(column.Name)}";
        var isChosen = hasDecided || plan.TimeToLiveMicros != long.MaxValue;

        // The engine cannot choose between vectors of a fixed length, so it chooses between lists.
        var isVector = isChosen && column.Type.VectorLength > 0;
        var list = isVector ? SqlText.Type(ColumnType.ListOf(column.Type.Kind)) : "";
        value = isVector ? $"CAST({value} AS {list})" : value;
        value = hasDecided ? $"CASE WHEN decided._us IS NULL THEN {value} ELSE {(isVector ? $"CAST(decided.v{i} AS {list})" : $"decided.v{i}")} END" : value;
        value = plan.TimeToLiveMicros == long.MaxValue ? value : $"CASE WHEN requests._us - event._us <= {SqlText.Literal(plan.TimeToLiveMicros)} THEN {value} END";
        return isVector ? $"CAST({value} AS {ColumnSql.Type(column)})" : value;
    });

    /// <summary>Each request with the newest event before it.</summary>
    /// <param name="plan">The view.</param>
    /// <param name="requests">A table with <c>_us</c> and the keys.</param>
    /// <param name="source">The events; of several at one time any.</param>
    /// <param name="decided">The rows of such times; null where there are none.</param>
    public static string Joined(ViewPlan plan, string requests, string source, string? decided)
    {
        var keys = plan.View.Entity.Keys.ToArray();
        var read = SqlText.Names(keys.Concat(plan.View.Features.ToArray()).Distinct(StringComparer.Ordinal));
        var deciding = decided is null ? "" : $" LEFT JOIN {decided} AS decided ON {On(keys, "event", "decided")} AND event._us = decided._us";
        return $"{requests} AS requests ASOF LEFT JOIN (SELECT {read}, _us FROM {source}) AS event ON {On(keys, "requests", "event")} AND requests._us > event._us{deciding}";
    }

    /// <summary>The newest events of each entity: keys, <c>_us</c>, created and the view's columns.</summary>
    public static string Newest(ViewPlan plan, string source, string where)
    {
        var keys = plan.View.Entity.Keys.ToArray();
        var names = SqlText.Names(keys);
        var created = plan.View.Source.CreatedColumn is { } column ? $"events.{SqlText.Name(column)}" : "NULL::TIMESTAMP";
        var values = plan.View.Schema.Columns.ToArray().Select((c, i) => $"events.{SqlText.Name(c.Name)} AS v{i}");
        return $"SELECT {string.Join(", ", keys.Select(k => $"events.{SqlText.Name(k)}"))}, events._us, {created} AS created, {string.Join(", ", values)} FROM {source} AS events JOIN (SELECT {names}, max(_us) AS _us FROM {source}{where} GROUP BY {names}) AS newest ON {On(keys, "events", "newest")} AND events._us = newest._us";
    }

    private static string Keys(ViewPlan plan) => SqlText.Names(plan.View.Entity.Keys.ToArray());

    private static string On(IEnumerable<string> keys, string left, string right) =>
        string.Join(" AND ", keys.Select(k => $"{left}.{SqlText.Name(k)} = {right}.{SqlText.Name(k)}"));
}
