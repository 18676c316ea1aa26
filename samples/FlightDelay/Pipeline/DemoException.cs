using Mlp.Core;

namespace FlightDelay.Pipeline;

/// <summary>Something the person at the terminal can mend; its message is all that is shown.</summary>
internal sealed class DemoException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>What the program ends with where something went wrong at work.</summary>
    public const int Failed = 1;

    /// <summary>What it ends with where what was asked for cannot be: nothing has been done then.</summary>
    public const int Usage = 2;

    public int ExitCode { get; init; } = Failed;

    /// <summary>
    /// What to tell of an error: of the libraries' own and of the system's, such as a file that is gone or a full disk, also where it
    /// happened and how to start over. Null of any other, which is a mistake in the program.
    /// </summary>
    /// <param name="error">What came out.</param>
    /// <param name="workspace">The folder of everything that the demo makes.</param>
    public static DemoException? Of(Exception error, string workspace) => error switch
    {
        DemoException known => known,
        MlpException or IOException or UnauthorizedAccessException => new DemoException($"{error.Message.TrimEnd('.')}. The workspace is {workspace}; if files of it are missing or damaged, --fresh makes them anew.", error),
        _ => null,
    };
}
