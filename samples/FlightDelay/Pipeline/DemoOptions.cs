namespace FlightDelay.Pipeline;

/// <summary>What the person at the terminal asked for.</summary>
internal sealed record DemoOptions
{
    public bool Full { get; init; }

    public bool Serve { get; init; }

    public int Port { get; init; }

    public bool Fresh { get; init; }

    public string? Workspace { get; init; }

    /// <summary>Everything is made below the folder that the demo is started in.</summary>
    public string WorkspaceFolder => Workspace ?? Path.Combine("artifacts", Full ? "flight-delay-full" : "flight-delay");

    /// <summary>The slice lies beside the program; all flights are where <c>eng/fetch-flights.sh</c> leaves them.</summary>
    public string FlightsFile => Full ? Path.Combine(".cache", "flights-3m.parquet") : Path.Combine(AppContext.BaseDirectory, "data", "flights.parquet");
}
