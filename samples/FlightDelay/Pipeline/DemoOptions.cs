namespace FlightDelay.Pipeline;

/// <summary>What the person at the terminal asked for.</summary>
internal sealed record DemoOptions
{
    /// <summary>The folder that the person called from, where the script changed to another one.</summary>
    public const string CallersFolderVariable = "FLIGHT_DELAY_CALLED_FROM";

    /// <summary>By how much the trees have to be better than logistic regression.</summary>
    public const double AucMarginUsual = 0.02;

    public bool Full { get; init; }

    public bool Serve { get; init; }

    public int Port { get; init; }

    public bool Fresh { get; init; }

    public string? Workspace { get; init; }

    public double AucMargin { get; init; } = AucMarginUsual;

    /// <summary>A folder that was named is the caller's; without one, everything is made below the folder that the demo is started in.</summary>
    public string WorkspaceFolder => Workspace is null
        ? Path.GetFullPath(Path.Combine("artifacts", Full ? "flight-delay-full" : "flight-delay"))
        : Path.GetFullPath(Workspace, Path.GetFullPath(Environment.GetEnvironmentVariable(CallersFolderVariable) is { Length: > 0 } caller ? caller : "."));

    /// <summary>The slice lies beside the program; all flights are where <c>eng/fetch-flights.sh</c> leaves them.</summary>
    public string FlightsFile => Full ? Path.Combine(".cache", "flights-3m.parquet") : Path.Combine(AppContext.BaseDirectory, "data", "flights.parquet");
}
