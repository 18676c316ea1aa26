namespace Mlp.Features;

/// <summary>
/// Rows that came from somewhere else than a file or a query, in a Parquet file of the store's folder for as long as this is not disposed of: to be
/// appended to a source or asked for as entities.
/// </summary>
public sealed class StagedRows : IDisposable
{
    private readonly DuckSession _session;

    internal StagedRows(DuckSession session, string path, long count)
    {
        _session = session;
        Query = OfflineQuery.Parquet(path);
        Count = count;
    }

    /// <summary>The rows.</summary>
    public OfflineQuery Query { get; }

    /// <summary>How many there are.</summary>
    public long Count { get; }

    /// <summary>Removes them.</summary>
    public void Dispose() => _session.Dispose();

    internal static async Task<StagedRows> MakeAsync(DuckSession session, Column[] columns, IAsyncEnumerable<FeatureValue[]> rows, CancellationToken cancellationToken)
    {
        try
        {
            using (var appender = new RowAppender(session, "staged", columns, "Staged rows"))
            {
                await foreach (var row in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
                {
                    appender.Append(row);
                }

                appender.Close();
                var path = session.ScratchFile("staged.parquet");
                session.Execute($"COPY staged TO {SqlText.Literal(path)} (FORMAT parquet)", cancellationToken);
                session.Execute("DROP TABLE staged", cancellationToken);
                return new StagedRows(session, path, appender.Rows);
            }
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }
}
