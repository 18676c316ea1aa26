using DuckDB.NET.Native;

namespace Mlp.Features;

/// <summary>A running query's result, read as it comes.</summary>
internal sealed class DuckResult : IDisposable
{
    private readonly Func<string, Exception> _failure;
    private readonly DuckDBPreparedStatement _statement;
    private DuckDBResult _result;

    /// <summary>Begins a query.</summary>
    /// <param name="connection">Where; one query at a time.</param>
    /// <param name="sql">A single statement.</param>
    /// <param name="failure">Makes the exception of the engine's message.</param>
    public DuckResult(DuckDBNativeConnection connection, string sql, Func<string, Exception> failure)
    {
        _failure = failure;
        if (NativeMethods.PreparedStatements.DuckDBPrepare(connection, sql, out _statement) != DuckDBState.Success)
        {
            using (_statement)
            {
                throw failure(NativeMethods.PreparedStatements.DuckDBPrepareError(_statement));
            }
        }

        if (NativeMethods.PreparedStatements.DuckDBExecutePreparedStreaming(_statement, out _result) != DuckDBState.Success)
        {
            var error = NativeMethods.Query.DuckDBResultError(ref _result);
            Dispose();
            throw failure(error);
        }
    }

    /// <summary>The next rows; null behind the last.</summary>
    public DuckChunk? Next()
    {
        while (true)
        {
            var chunk = NativeMethods.StreamingResult.DuckDBStreamFetchChunk(_result);
            if (chunk.IsInvalid)
            {
                chunk.Dispose();
                return NativeMethods.Query.DuckDBResultError(ref _result) is { Length: > 0 } error ? throw _failure(error) : null;
            }

            var rows = new DuckChunk(chunk);
            if (rows.Count > 0)
            {
                return rows;
            }

            rows.Dispose();
        }
    }

    public void Dispose()
    {
        _result.Close();
        _statement.Dispose();
    }
}
