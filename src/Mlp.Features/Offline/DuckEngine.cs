using System.Globalization;
using DuckDB.NET.Data;

namespace Mlp.Features;

/// <summary>One in-memory DuckDB with the store's limits, used by one session at a time. What it cannot hold is spilled into that session's folder.</summary>
internal sealed class DuckEngine : IDisposable
{
    /// <summary>A function in statements: a double rounded to a half, as a float. SQL has no halves.</summary>
    public const string HalfFunction = "mlp_half";

    private readonly DuckDBConnection _database;

    public DuckEngine(OfflineStoreOptions options)
    {
        _database = new DuckDBConnection("DataSource=:memory:");
        try
        {
            _database.Open();
            Execute($"SET memory_limit = '{options.MemoryBytesMax.ToString(CultureInfo.InvariantCulture)}B'");
            Execute($"SET max_temp_directory_size = '{options.SpillBytesMax.ToString(CultureInfo.InvariantCulture)}B'");
            Execute($"SET threads = {SqlText.Literal(options.Threads == 0 ? Environment.ProcessorCount : options.Threads)}");

            // Memory goes back to the system with the engine, not in the middle of a question.
            Execute($"SET allocator_flush_threshold = '{options.MemoryBytesMax.ToString(CultureInfo.InvariantCulture)}B'");

            // Nothing is fetched from anywhere while a query runs, and times mean UTC.
            Execute("SET autoinstall_known_extensions = false");
            Execute("SET autoload_known_extensions = false");
            Execute("SET GLOBAL TimeZone = 'UTC'");
            _database.RegisterScalarFunction<double?, float?>(HalfFunction, static value => value is { } number ? (float)OneForm.Of((Half)number) : null);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>A connection for a session, which has temporary tables of its own.</summary>
    /// <param name="spill">Where to spill.</param>
    public DuckDBConnection Connect(string spill)
    {
        Execute($"SET temp_directory = {SqlText.Literal(spill)}");
        var connection = _database.Duplicate();
        connection.Open();
        return connection;
    }

    /// <summary>Makes it as new, once its session is over.</summary>
    /// <returns>Whether it is: once something was spilled, there is no other place for it.</returns>
    public bool TryClear(string spill)
    {
        if (Directory.EnumerateFileSystemEntries(spill).Any())
        {
            return false;
        }

        foreach (var table in Tables())
        {
            Execute($"DROP TABLE {SqlText.Name(table)}");
        }

        return true;
    }

    public void Dispose() => _database.Dispose();

    private List<string> Tables()
    {
        using var command = _database.CreateCommand();
        command.CommandText = "SELECT table_name FROM duckdb_tables()";
        using var reader = command.ExecuteReader();
        var tables = new List<string>();
        while (reader.Read())
        {
            tables.Add(reader.GetString(0));
        }

        return tables;
    }

    private void Execute(string sql)
    {
        using var command = _database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
