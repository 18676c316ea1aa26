using System.Globalization;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using Mlp.Core;

namespace Mlp.Features;

/// <summary>One in-memory DuckDB with the store's limits: what it cannot hold is spilled into a folder that goes with it.</summary>
internal sealed class DuckSession : IDisposable
{
    /// <summary>A function in statements: a double rounded to a half, as a float. SQL has no halves.</summary>
    public const string HalfFunction = "mlp_half";

    private const int QuotedLengthMax = 1000;

    private readonly DuckDBConnection _connection;
    private readonly ScratchFolder _scratch;

    public DuckSession(string store, OfflineStoreOptions options)
    {
        _scratch = ScratchFolder.Make(store);
        _connection = new DuckDBConnection("DataSource=:memory:");
        try
        {
            _connection.Open();
            Execute($"SET memory_limit = '{options.MemoryBytesMax.ToString(CultureInfo.InvariantCulture)}B'");
            Execute($"SET temp_directory = {SqlText.Literal(_scratch.Path)}");
            Execute($"SET max_temp_directory_size = '{options.SpillBytesMax.ToString(CultureInfo.InvariantCulture)}B'");
            Execute($"SET threads = {SqlText.Literal(options.Threads == 0 ? Environment.ProcessorCount : options.Threads)}");

            // Nothing is fetched from anywhere while a query runs, and times mean UTC.
            Execute("SET autoinstall_known_extensions = false");
            Execute("SET autoload_known_extensions = false");
            Execute("SET TimeZone = 'UTC'");
            _connection.RegisterScalarFunction<double?, float?>(HalfFunction, static value => value is { } number ? (float)OneForm.Of((Half)number) : null);
        }
        catch
        {
            Dispose();
            throw;
        }
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
        _connection.Dispose();
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
