using DuckDB.NET.Data;

namespace Mlp.Features;

/// <summary>A table of each request's row number and a view's features, <c>_row</c> and <c>f0…</c>, filled while another query's rows are read.</summary>
internal sealed class FeatureTable : IDisposable
{
    private readonly DuckDBConnection _connection;
    private readonly DuckDBAppender _appender;

    public FeatureTable(DuckSession session, string table, int width, CancellationToken cancellationToken)
    {
        session.Execute($"CREATE TABLE {table} (_row BIGINT{string.Concat(Enumerable.Range(0, width).Select(i => $", f{i} FLOAT"))})", cancellationToken);
        _connection = session.Beside();
        _appender = _connection.CreateAppender(table);
    }

    public void Append(long row, ReadOnlySpan<float> features)
    {
        var appended = _appender.CreateRow().AppendValue(row);
        foreach (var feature in features)
        {
            appended.AppendValue(feature);
        }

        appended.EndRow();
    }

    public void Dispose()
    {
        _appender.Dispose();
        _connection.Dispose();
    }
}
