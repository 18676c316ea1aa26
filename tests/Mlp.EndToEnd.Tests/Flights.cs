using DuckDB.NET.Data;

namespace Mlp.EndToEnd.Tests;

/// <summary>The sample's flights, read by no code of ours.</summary>
internal static class Flights
{
    public static readonly string File = Path.Combine(AppContext.BaseDirectory, "data", "flights.parquet");

    public static readonly IReadOnlyList<Flight> All = Read();

    public sealed record Flight(DateTime Date, int Delay, int Distance, string Origin, string Destination)
    {
        public DateTime KnownAt => Date.AddMinutes(Math.Max(Delay, 0));
    }

    private static List<Flight> Read()
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT date, delay, distance, origin, destination FROM '{File}'";
        using var reader = command.ExecuteReader();
        var flights = new List<Flight>();
        while (reader.Read())
        {
            flights.Add(new Flight(reader.GetDateTime(0), reader.GetInt16(1), reader.GetInt16(2), reader.GetString(3), reader.GetString(4)));
        }

        return flights;
    }
}
