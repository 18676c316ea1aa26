using System.Globalization;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>One question's way to an engine: its connection, with temporary tables of its own, and a folder that goes with it.</summary>
internal sealed class DuckSession : IDisposable
{
    private const int QuotedLengthMax = 1000;

    private readonly IdleEngine _engines;
    private readonly ScratchFolder _scratch;
    private readonly DuckEngine _engine;
    private readonly DuckDBConnection _connection;
    private bool _disposed;

    public DuckSession(string store, IdleEngine engines)
    {
        _engines = engines;
        _scratch = ScratchFolder.Make(store);
        DuckEngine? engine = null;
        try
        {
            engine = engines.Take();
            _connection = engine.Connect(_scratch.Path);
        }
        catch
        {
            engine?.Dispose();
            _scratch.Dispose();
            throw;
        }

        _engine = engine;
    }

    /// <summary>A path for a file that goes with the session unless it is moved away.</summary>
    public string ScratchFile(string name) => Path.Combine(_scratch.Path, name);

    public void Execute(string sql, CancellationToken cancellationToken = default)
    {
        using var command = Command(sql);
        using var interruption = new Interruption(_connection.NativeConnection, cancellationToken);
        Guarded(command, cancellationToken, static c => c.ExecuteNonQuery());
    }

    /// <summary>The types in SQL of a query's columns.</summary>
    public Dictionary<string, string> TypesOf(string query, CancellationToken cancellationToken) =>
        Rows($"DESCRIBE {query}", cancellationToken).ToDictionary(row => row.GetString(0), row => row.GetString(1), StringComparer.Ordinal);

    public long Number(string sql, CancellationToken cancellationToken = default)
    {
        using var command = Command(sql);
        using var interruption = new Interruption(_connection.NativeConnection, cancellationToken);
        return Guarded(command, cancellationToken, static c => Convert.ToInt64(c.ExecuteScalar(), CultureInfo.InvariantCulture));
    }

    /// <summary>Runs a query and gives its rows as they come; the reader stands on each in turn.</summary>
    public IEnumerable<DuckDBDataReader> Rows(string sql, CancellationToken cancellationToken)
    {
        using var command = Command(sql);
        command.UseStreamingMode = true;
        using var interruption = new Interruption(_connection.NativeConnection, cancellationToken);
        using var reader = Guarded(command, cancellationToken, static c => c.ExecuteReader());

        // One closure for all rows, and one registration: a row costs neither.
        Func<DuckDBCommand, bool> read = _ => reader.Read();
        while (Guarded(command, cancellationToken, read))
        {
            yield return reader;
        }
    }

    /// <summary>Runs a query and gives its rows as they come, in chunks of columns; each is good until the next.</summary>
    public IEnumerable<DuckChunk> Chunks(string sql, CancellationToken cancellationToken)
    {
        using var interruption = new Interruption(_connection.NativeConnection, cancellationToken);
        using var result = new DuckResult(_connection.NativeConnection, sql, error => Failure(sql, error, null, cancellationToken));
        while (result.Next() is { } chunk)
        {
            using (chunk)
            {
                yield return chunk;
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Another connection to the same tables, to write to while a query's rows are read.</summary>
    public DuckDBConnection Beside()
    {
        var connection = _connection.Duplicate();
        connection.Open();
        return connection;
    }

    /// <summary>Begins to put rows into a table.</summary>
    public DuckDB.NET.Data.DuckDBAppender Appender(string table) => _connection.CreateAppender(table);

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _connection.Dispose();
        _engines.Keep(_engine, _scratch.Path);
        _scratch.Dispose();
    }

    private DuckDBCommand Command(string sql)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    private static string Short(string text) => text.Length <= QuotedLengthMax ? text : $"{text.AsSpan(0, QuotedLengthMax)} …";

    private static T Guarded<T>(DuckDBCommand command, CancellationToken cancellationToken, Func<DuckDBCommand, T> run)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return run(command);
        }
        catch (OperationCanceledException)
        {
            // The engine's own does not say whose cancellation it was.
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
        catch (DuckDBException e)
        {
            throw Failure(command.CommandText, e.Message, e, cancellationToken);
        }
    }

    // A statement that was interrupted says so in its own words; whose token it was is the caller's to know.
    private static MlpException Failure(string sql, string message, Exception? cause, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new MlpException(FeatureErrors.QueryFailed, $"The offline store's query failed: {Short(message)}\nThe statement: {Short(sql)}", cause);
    }
}
