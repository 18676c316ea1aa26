using System.Runtime.CompilerServices;
using Mlp.Core;
using Npgsql;

namespace Mlp.Features.PostgreSql;

/// <summary>Rows of PostgreSQL for the offline store: events to append, or entities to join at.</summary>
public static class PostgresRows
{
    /// <summary>Runs a query and takes its rows into the store's folder, row by row as they arrive, so that memory stays bounded however many there are.</summary>
    /// <param name="store">Where they are wanted.</param>
    /// <param name="database">Where they are.</param>
    /// <param name="select">The query. It runs as it is: never put a text from outside into it.</param>
    /// <param name="columns">What the query's columns of these names are; times without a zone are UTC.</param>
    /// <param name="cancellationToken">Ends the query, in the database as well; nothing is left.</param>
    /// <exception cref="MlpException">
    /// <see cref="FeatureErrors.QueryFailed"/>: the database cannot be reached, the query is wrong or lacks a column; <see cref="FeatureErrors.EventInvalid"/>: a value does not fit its column.
    /// </exception>
    public static Task<StagedRows> StageAsync(OfflineStore store, NpgsqlDataSource database, string select, IReadOnlyList<Column> columns, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.StageAsync(columns, ReadAsync(database, select, columns, cancellationToken), cancellationToken);
    }

    /// <summary>A query's rows as they arrive.</summary>
    /// <param name="database">Where they are.</param>
    /// <param name="select">The query. It runs as it is: never put a text from outside into it.</param>
    /// <param name="columns">What the query's columns of these names are.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public static async IAsyncEnumerable<FeatureValue[]> ReadAsync(NpgsqlDataSource database, string select, IReadOnlyList<Column> columns, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentException.ThrowIfNullOrEmpty(select);
        ArgumentNullException.ThrowIfNull(columns);
        var command = database.CreateCommand(select);
        await using (command.ConfigureAwait(false))
        {
            // A feature's query may run as long as it needs; its end is the token's.
            command.CommandTimeout = 0;
            var reader = await GuardedAsync(() => command.ExecuteReaderAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var ordinals = columns.Select(c => OrdinalOf(reader, c.Name)).ToArray();
                while (await GuardedAsync(() => reader.ReadAsync(cancellationToken), cancellationToken).ConfigureAwait(false))
                {
                    var row = new FeatureValue[ordinals.Length];
                    for (var i = 0; i < row.Length; i++)
                    {
                        row[i] = reader.IsDBNull(ordinals[i]) ? FeatureValue.Missing : PostgresValue.Of(columns[i], reader.GetValue(ordinals[i]));
                    }

                    yield return row;
                }
            }
        }
    }

    private static int OrdinalOf(NpgsqlDataReader reader, string column)
    {
        for (var i = 0; i < reader.FieldCount; i++)
        {
            if (reader.GetName(i) == column)
            {
                return i;
            }
        }

        throw new MlpException(FeatureErrors.QueryFailed, $"The query of PostgreSQL has no column '{column}'; it has {string.Join(", ", Enumerable.Range(0, reader.FieldCount).Select(reader.GetName))}.");
    }

    private static async Task<T> GuardedAsync<T>(Func<Task<T>> run, CancellationToken cancellationToken)
    {
        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (NpgsqlException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new MlpException(FeatureErrors.QueryFailed, $"The query of PostgreSQL failed: {e.Message}", e);
        }
    }
}
