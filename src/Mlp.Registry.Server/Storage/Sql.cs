using Microsoft.Data.Sqlite;

namespace Mlp.Registry.Server;

/// <summary>Statements whose text is constant: everything that comes from outside is a parameter.</summary>
internal static class Sql
{
    public static int Run(this SqliteConnection connection, string text, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = Prepare(connection, text, parameters);
        return command.ExecuteNonQuery();
    }

    public static List<T> All<T>(this SqliteConnection connection, string text, Func<SqliteDataReader, T> row, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = Prepare(connection, text, parameters);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    public static T? First<T>(this SqliteConnection connection, string text, Func<SqliteDataReader, T> row, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = Prepare(connection, text, parameters);
        using var reader = command.ExecuteReader();
        return reader.Read() ? row(reader) : default;
    }

    public static string? TextOrNull(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static long? Int64OrNull(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    /// <summary>An empty list is left out on the wire.</summary>
    public static IReadOnlyList<T>? OrNull<T>(this List<T> list) => list.Count == 0 ? null : list;

    private static SqliteCommand Prepare(SqliteConnection connection, string text, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }
}
