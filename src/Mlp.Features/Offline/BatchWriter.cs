using System.Globalization;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>A file that was written and has no place yet.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Folder">The folder of its partition.</param>
/// <param name="Rows">Events in it.</param>
/// <param name="First">The first event's time in microseconds.</param>
/// <param name="Last">The last event's time in microseconds.</param>
internal sealed record WrittenFile(string Path, string Folder, long Rows, long First, long Last);

/// <summary>Writes events into Parquet files, one for each partition, after a look at every value.</summary>
internal static class BatchWriter
{
    /// <summary>Writes what a query gives.</summary>
    /// <returns>The files, in the order of time.</returns>
    public static List<WrittenFile> Write(DuckSession session, EventSource source, OfflineQuery events, OfflineStoreOptions options, CancellationToken cancellationToken)
    {
        var time = SqlText.Name(source.TimeColumn);
        var columns = source.Columns.ToArray();
        var names = columns.Select(c => c.Name).Prepend(source.TimeColumn).ToArray();
        var query = events.Select(names);
        var given = session.TypesOf(query, cancellationToken);

        // In the order of time, so that row groups cover short spans; then of everything else, so that equal events give equal bytes.
        var typed = columns.Select(c => $"{ColumnSql.Given(c, SqlText.Name(c.Name), given[c.Name])} AS {SqlText.Name(c.Name)}").Prepend($"{ColumnSql.Moment(time, given[source.TimeColumn])} AS {time}");
        session.Execute($"CREATE TEMP TABLE events AS SELECT {string.Join(", ", typed)} FROM ({query}) ORDER BY {string.Join(", ", Enumerable.Range(1, names.Length).Select(i => i.ToString(CultureInfo.InvariantCulture)))}", cancellationToken);
        Check(session, source, cancellationToken);
        var files = new List<WrittenFile>();
        foreach (var (span, rows, first, last) in Spans(session, time, options, source, cancellationToken))
        {
            var path = session.ScratchFile($"{OwnName.New()}.parquet");
            var where = FormattableString.Invariant($"epoch_us({time}) BETWEEN {Math.Max(first, span.From)} AND {last}");
            session.Execute($"COPY (SELECT * FROM events WHERE {where}) TO {SqlText.Literal(path)} (FORMAT parquet, COMPRESSION zstd)", cancellationToken);
            files.Add(new WrittenFile(path, span.Folder, rows, first, last));
        }

        return files;
    }

    private static void Check(DuckSession session, EventSource source, CancellationToken cancellationToken)
    {
        var columns = source.Columns.ToArray();
        string[] conditions = [SqlText.NoTime($"epoch_us({SqlText.Name(source.TimeColumn)})"), .. columns.Select(c => ColumnSql.Wrong(c, SqlText.Name(c.Name)))];
        var counts = string.Join(", ", conditions.Select(c => $"count(*) FILTER (WHERE {c})"));
        foreach (var row in session.Rows($"SELECT {counts} FROM events", cancellationToken))
        {
            for (var i = 0; i < conditions.Length; i++)
            {
                if (row.GetInt64(i) is var wrong and > 0)
                {
                    throw new MlpException(FeatureErrors.EventInvalid, i == 0
                        ? $"{wrong} events of '{source.Name}' have no value for '{source.TimeColumn}', or a time outside of the years 1 to 9999; nothing was appended."
                        : $"{wrong} events of '{source.Name}' have no value for '{columns[i - 1].Name}', or one that it cannot have; expected {ColumnSql.Expected(columns[i - 1])}{(columns[i - 1].IsNullable ? " or none" : "")}. Nothing was appended.");
                }
            }
        }
    }

    private static List<(PartitionSpan Span, long Rows, long First, long Last)> Spans(DuckSession session, string time, OfflineStoreOptions options, EventSource source, CancellationToken cancellationToken)
    {
        var part = options.Partition switch
        {
            DatePartition.Day => $"date_trunc('day', {time})",
            DatePartition.Month => $"date_trunc('month', {time})",
            _ => "()",
        };
        var spans = new List<(PartitionSpan, long, long, long)>();
        foreach (var row in session.Rows($"SELECT count(*), min(epoch_us({time})) AS first, max(epoch_us({time})) FROM events GROUP BY {part} HAVING count(*) > 0 ORDER BY first", cancellationToken))
        {
            if (spans.Count == options.FilesPerBatchMax)
            {
                throw new MlpException(ErrorCodes.LimitReached, $"A batch of '{source.Name}' would have more than {nameof(OfflineStoreOptions.FilesPerBatchMax)}, {options.FilesPerBatchMax}, files; nothing was appended. Append shorter spans, part them by longer ones, or raise that.");
            }

            spans.Add((PartitionSpan.Of(options.Partition, row.GetInt64(1)), row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)));
        }

        return spans;
    }
}
