namespace FlightDelay.Pipeline;

/// <summary>Something the person at the terminal can mend; its message is all that is shown.</summary>
internal sealed class DemoException(string message, Exception? innerException = null) : Exception(message, innerException);
