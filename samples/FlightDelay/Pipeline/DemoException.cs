namespace FlightDelay.Pipeline;

/// <summary>Something the person at the terminal can mend; its message is all that is shown.</summary>
internal sealed class DemoException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>What the program ends with where something went wrong at work.</summary>
    public const int Failed = 1;

    /// <summary>What it ends with where what was asked for cannot be: nothing has been done then.</summary>
    public const int Usage = 2;

    public int ExitCode { get; init; } = Failed;
}
