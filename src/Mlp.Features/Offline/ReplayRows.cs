using DuckDB.NET.Data;

namespace Mlp.Features;

/// <summary>
/// Events of a windowed view's source in SQL, in the order in which its entities' states are built: keys, <c>_us</c>, <c>_kind</c> (0 an event, 1 a
/// retraction, 2 a request), <c>_tag</c> (the time that is retracted, or the request's row), <c>_w0…</c>, the columns that are read.
/// </summary>
internal static class ReplayRows
{
    public const long Retraction = 1;
    public const long Request = 2;

    /// <summary>The events.</summary>
    public static string Events(ViewPlan plan, string source, string where)
    {
        var columns = plan.Window!.Columns.Select((_, i) => $", {TileSql.Word(plan.Window, i)} AS _w{i}");
        var retracts = Retracts(plan.View.Source);
        return $"SELECT {ViewSql.Keys(plan)}, _us, CAST({retracts} <> 0 AS BIGINT) AS _kind, {retracts} AS _tag{string.Concat(columns)} FROM {source}{where}";
    }

    /// <summary>The time that a row retracts, 0 of an event.</summary>
    public static string Retracts(EventSource source)
    {
        if (source.RetractsColumn is not { } name)
        {
            return "CAST(0 AS BIGINT)";
        }

        return source.Columns[source.IndexOf(name)].Type == ColumnType.Integer ? $"coalesce({SqlText.Name(name)}, 0)" : $"coalesce(epoch_us({SqlText.Name(name)}), 0)";
    }

    /// <summary>The events of the entities that are asked for, and the requests.</summary>
    public static string EventsAndRequests(ViewPlan plan, string source)
    {
        var theirs = ViewSql.RequestedKeys(plan);
        var asked = $"(SELECT DISTINCT {theirs} FROM requests)";
        var none = plan.Window!.Columns.Select((_, i) => $", CAST(NULL AS {(plan.Window.Forms[i] switch { WordForm.Integer => "BIGINT", WordForm.Number => "DOUBLE", _ => "VARCHAR" })}) AS _w{i}");
        return $"{Events(plan, $"(SELECT events.* FROM {source} AS events SEMI JOIN {asked} AS asked USING ({ViewSql.Keys(plan)}))", "")} UNION ALL SELECT {theirs}, _us, CAST({SqlText.Literal(Request)} AS BIGINT), CAST(rowid AS BIGINT){string.Concat(none)} FROM requests";
    }

    /// <summary>The order: an entity after the other, each in time, an event before the retraction that is known at the same moment.</summary>
    public static string Order(ViewPlan plan) => $"{ViewSql.Keys(plan)}, _us, _kind, _tag";

    /// <summary>A row's event or retraction.</summary>
    public static WindowEvent Event(ViewPlan plan, DuckDBDataReader row)
    {
        var keys = plan.KeyColumns.Length;
        var us = row.GetInt64(keys);
        return row.GetInt64(keys + 1) == Retraction ? new WindowEvent(row.GetInt64(keys + 2), us, true) : new WindowEvent(us, us, false);
    }

    /// <summary>A row's columns.</summary>
    public static void Words(ViewPlan plan, DuckDBDataReader row, Span<long> words)
    {
        var first = plan.KeyColumns.Length + 3;
        for (var i = 0; i < words.Length; i++)
        {
            var form = plan.Window!.Forms[i];
            words[i] = row.IsDBNull(first + i) ? ColumnWord.Of(double.NaN)
                : form == WordForm.Integer ? row.GetInt64(first + i)
                : form == WordForm.Number ? ColumnWord.Of(row.GetDouble(first + i))
                : ColumnWord.Of(row.GetString(first + i));
        }
    }

    /// <summary>A row's key: the first columns.</summary>
    public static EntityKey Key(ViewPlan plan, DuckDBDataReader row)
    {
        if (plan.KeyColumns.Length == 1)
        {
            return EntityKey.Of([KeyValue(plan, row, 0)]);
        }

        var values = new FeatureValue[plan.KeyColumns.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = KeyValue(plan, row, i);
        }

        return EntityKey.Of(values);
    }

    private static FeatureValue KeyValue(ViewPlan plan, DuckDBDataReader row, int key) => plan.View.Source.Columns[plan.KeyColumns[key]].Type.Kind switch
    {
        ColumnKind.Int64 => row.GetInt64(key),
        ColumnKind.Guid => row.GetGuid(key),
        _ => row.GetString(key),
    };
}
