using Microsoft.Data.Sqlite;
using Mlp.Core;

namespace Mlp.Registry.Server;

/// <summary>SQLite with a write-ahead log: any number of readers, and one writer at a time.</summary>
internal sealed class RegistryDatabase : IDisposable
{
    // SQLITE_CORRUPT and SQLITE_NOTADB.
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    private readonly string _connectionString;
    private readonly SqliteConnection _writer;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly TimeSpan _waitMax;

    /// <exception cref="MlpException">
    /// <c>registry.database_damaged</c>, <c>registry.database_unavailable</c>, each with the path; <c>registry.schema_newer</c>: it was written by a newer program.
    /// </exception>
    public RegistryDatabase(string path, TimeSpan waitMax, TimeProvider time)
    {
        _waitMax = waitMax;
        Time = time;
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            ForeignKeys = true,
            DefaultTimeout = Math.Max(1, (int)waitMax.TotalSeconds),
        }.ConnectionString;
        _writer = new SqliteConnection(_connectionString);
        try
        {
            _writer.Open();
            _writer.First("PRAGMA journal_mode = WAL", static r => r.GetString(0));

            // An acknowledged write is on the disk, not in the operating system's memory.
            _writer.Run("PRAGMA synchronous = FULL");
            Schema.Migrate(_writer, path, Now);
        }
        catch (SqliteException e)
        {
            _writer.Dispose();
            throw Unusable(path, e);
        }
        catch
        {
            _writer.Dispose();
            throw;
        }
    }

    // SQLite's own error says what, and not of which file.
    private static MlpException Unusable(string path, SqliteException e) => e.SqliteErrorCode is Corrupt or NotADatabase
        ? new MlpException("registry.database_damaged", $"{path} is damaged, or no database: {e.Message} Put back a copy of it, or start with an empty folder.", e)
        : new MlpException("registry.database_unavailable", $"{path} cannot be opened: {e.Message}", e);

    public TimeProvider Time { get; }

    /// <summary>Milliseconds since 1970, the unit of all times here.</summary>
    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Reads one state of the database, whatever is written meanwhile.</summary>
    public T Read<T>(Func<SqliteConnection, T> read)
    {
        using var connection = new SqliteConnection(_connectionString);
        connection.Open();
        using var snapshot = connection.BeginTransaction(deferred: true);
        return read(connection);
    }

    /// <summary>Writes in one transaction: all of it, or nothing where it throws.</summary>
    /// <exception cref="RegistryFault">The writer was not free in time.</exception>
    public async Task<T> WriteAsync<T>(Func<SqliteConnection, T> write, CancellationToken cancellationToken)
    {
        if (!await _turn.WaitAsync(_waitMax, cancellationToken).ConfigureAwait(false))
        {
            throw new RegistryFault(RegistryFault.TemporarilyUnavailable, $"The writer was busy for {_waitMax.TotalSeconds} seconds; try again.");
        }

        try
        {
            using var transaction = _writer.BeginTransaction(deferred: false);
            var result = write(_writer);
            transaction.Commit();
            return result;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _writer.Dispose();
        _turn.Dispose();
        using var pooled = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(pooled);
    }
}
